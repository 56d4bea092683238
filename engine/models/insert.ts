import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { NO_FRAME, type Pfn, asPfn, hex } from '../host/frame-number.js';
import { ForeignWindow } from './foreign-window.js';
import type { MemoryModel, ModelOptions } from './model.js';
import { P2mTable } from './p2m-table.js';
import { translatedModel } from './translated.js';

/**
 * VP by insert: the hypervisor holds the p2m and translates the frame in each privileged TLB insert. Memory is given a
 * page at a time, as Xen/ia64 gave it. Device addresses come by a hypercall for each mapping, or from the p2m where it
 * is exposed to the guest read-only.
 */
export const insertModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host, account } = domain;
  const { scheme } = host.simulation.platform;
  const p2m = new P2mTable();
  const window = new ForeignWindow(2 ** 26);

  const give = (pfn: Pfn): boolean => {
    const mfn = host.allocate(domain, 0);
    if (mfn === NO_FRAME) return false;
    p2m.set(pfn, mfn);
    host.frames.setGuestFrame(mfn, pfn);
    return true;
  };

  return {
    ...translatedModel({ id: 'insert', domain, p2m, window, give, exposed: options.exposedP2m === true }),

    checkInsert(frame, log2Pages) {
      account.charge(Mechanism.translation, Event.p2mLookup);
      const own = p2m.get(asPfn(frame));
      if (own !== NO_FRAME) {
        const size = scheme.insertClip === 'page' ? 0 : p2m.largestRun(asPfn(frame), log2Pages);
        return { mfn: own, log2Pages: size };
      }
      const entered = window.machineFrame(frame);
      if (entered !== NO_FRAME) return { mfn: entered, log2Pages: 0 };
      const detail = `guest frame ${hex(frame)} has no machine frame`;
      return { operation: 'insert', model: 'insert', rule: 'in-the-p2m', detail };
    },
  };
};
