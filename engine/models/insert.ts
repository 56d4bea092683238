import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { ForeignWindow } from './foreign-window.js';
import type { MemoryModel, ModelOptions } from './model.js';
import { P2mFrames } from './p2m-frames.js';
import { P2mTable } from './p2m-table.js';
import { translatedModel } from './translated.js';

/**
 * VP by insert: the hypervisor holds the p2m and translates the frame in each privileged TLB insert. Memory is given a
 * page at a time, as Xen/ia64 gave it. Device addresses come by a hypercall for each mapping, or from the p2m where it
 * is exposed to the guest read-only.
 */
export const insertModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host, account } = domain;
  const { scheme, hypervisorP2m } = host.simulation.platform;
  const p2m = new P2mTable(host.simulation.arena);
  const window = new ForeignWindow(2 ** 26);
  const p2mFrames = hypervisorP2m === undefined ? null : new P2mFrames(domain, hypervisorP2m);

  const put = (pfn: Pfn, mfn: Mfn): void => {
    p2m.set(pfn, mfn);
    host.frames.setGuestFrame(mfn, pfn);
  };

  const give = (pfn: Pfn): 'heap-has-room' | null => {
    if (p2mFrames?.cover(pfn) === false) return 'heap-has-room';
    const mfn = host.allocate(domain, 0);
    if (mfn === NO_FRAME) return 'heap-has-room';
    put(pfn, mfn);
    return null;
  };

  const shared = translatedModel({
    id: 'insert',
    domain,
    p2m,
    window,
    give,
    exposed: options.exposedP2m === true,
    flips: true,
    overcommits: { share: 'hypothetical' },
  });
  const isOwn = (mfn: Mfn): boolean => host.frames.owner(mfn) === domain.id;

  /** On ppc64 a domain gets its memory in runs as large as the kernel's large page, where the heap has them. */
  const populateInRuns = (pages: number): Finding | null => {
    const { kernelGranuleBytes, pageBytes } = host.simulation.platform;
    const largest = Math.log2(kernelGranuleBytes / pageBytes);
    let next = 0;
    for (let pfn = 0; pfn < pages; pfn += 1) {
      if (p2mFrames?.cover(asPfn(pfn)) !== false) continue;
      const detail = `${host.name} has no frame free for the p2m of ${domain.name}`;
      return { operation: 'build', model: 'insert', rule: 'heap-has-room', detail };
    }
    while (next < pages) {
      let order = Math.min(largest, Math.floor(Math.log2(pages - next)), host.largestOrder(domain));
      while (order > 0 && next % 2 ** order !== 0) order -= 1;
      const first = order < 1 ? NO_FRAME : host.allocate(domain, order);
      if (first === NO_FRAME) break;
      for (let offset = 0; offset < 2 ** order; offset += 1) put(asPfn(next + offset), asMfn(first + offset));
      next += 2 ** order;
    }
    return shared.populateFrames(Array.from({ length: pages - next }, (_, offset) => asPfn(next + offset)));
  };

  return {
    ...shared,
    ...(scheme.kind === 'hash' ? { populate: populateInRuns } : {}),

    checkInsert(frame, log2Pages) {
      account.charge(Mechanism.translation, Event.p2mLookup);
      const refusal = shared.overcommit.settle(asPfn(frame));
      if (refusal !== null) return refusal;
      const mfn = p2m.get(asPfn(frame));
      if (mfn !== NO_FRAME) {
        const clipped = (scheme.kind === 'vhpt' && scheme.insertClip === 'page') || !isOwn(mfn);
        return { mfn, log2Pages: clipped ? 0 : p2m.largestRun(asPfn(frame), log2Pages, isOwn) };
      }
      const entered = window.machineFrame(frame);
      if (entered !== NO_FRAME) return { mfn: entered, log2Pages: 0 };
      const detail = `guest frame ${hex(frame)} has no machine frame`;
      return { operation: 'insert', model: 'insert', rule: 'in-the-p2m', detail };
    },

    checkpoint(archive) {
      archive.part('p2m', p2m);
      archive.part('window', window);
      if (p2mFrames !== null) archive.part('p2mFrames', p2mFrames);
      shared.checkpoint(archive);
    },

    dispose() {
      shared.dispose();
      p2m.release();
    },
  };
};
