import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, asPfn, hex } from '../host/frame-number.js';
import { ForeignWindow, enterThroughWindow, removeThroughWindow } from './foreign-window.js';
import type { MemoryModel, ModelOptions } from './model.js';
import { P2mTable } from './p2m-table.js';

/**
 * VP by insert: the hypervisor holds the p2m and translates the frame in each privileged TLB insert. Memory is given a
 * page at a time, as Xen/ia64 gave it. Device addresses come by a hypercall for each mapping, or from the p2m where it
 * is exposed to the guest read-only.
 */
export const insertModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host, account } = domain;
  const { platform } = host.simulation;
  const p2m = new P2mTable();
  const window = new ForeignWindow(2 ** 28);
  const exposed = options.exposedP2m === true;

  const finding = (operation: Operation, rule: string, detail: string): Finding => ({
    operation,
    model: 'insert',
    rule,
    detail,
  });

  const isOwn = (mfn: Mfn): boolean => mfn !== NO_FRAME && host.frames.owner(mfn) === domain.id;
  const owned = (): Pfn[] => p2m.mapped(isOwn);

  const giveBack = (): void => {
    for (const pfn of owned()) {
      host.release(p2m.get(pfn), domain.builder);
      p2m.set(pfn, NO_FRAME);
    }
  };

  const give = (pfn: Pfn): boolean => {
    const mfn = host.allocate(domain, 0);
    if (mfn === NO_FRAME) return false;
    p2m.set(pfn, mfn);
    host.frames.setGuestFrame(mfn, pfn);
    return true;
  };

  const populateFrames = (pfns: readonly Pfn[]): Finding | null => {
    const without = pfns.find((pfn) => !give(pfn));
    if (without === undefined) return null;
    giveBack();
    return finding('build', 'heap-has-room', `${host.name} has no frame free for guest frame ${hex(without)}`);
  };

  const machineFrame = (pfn: Pfn): Mfn => {
    const mfn = p2m.get(pfn);
    return mfn === NO_FRAME ? window.machineFrame(pfn) : mfn;
  };

  return {
    id: 'insert',
    tablesHoldMachineFrames: false,

    populate: (pages) => populateFrames(Array.from({ length: pages }, (_, pfn) => asPfn(pfn))),
    populateFrames,
    ownedFrames: owned,

    machineFrame,
    frameForEntry: (pfn) => pfn,
    frameFromEntry: (frame) => asPfn(frame),
    frameBehindEntry: (frame) => machineFrame(asPfn(frame)),
    kernelInsertSize: (_pfn, granuleLog2) => granuleLog2,

    checkInsert(frame, log2Pages) {
      account.charge(Mechanism.translation, Event.p2mLookup);
      const own = p2m.get(asPfn(frame));
      if (own !== NO_FRAME) {
        const size = platform.insertClip === 'page' ? 0 : p2m.largestRun(asPfn(frame), log2Pages);
        return { mfn: own, log2Pages: size };
      }
      const entered = window.machineFrame(frame);
      if (entered !== NO_FRAME) return { mfn: entered, log2Pages: 0 };
      return finding('insert', 'in-the-p2m', `guest frame ${hex(frame)} has no machine frame`);
    },

    mayWrite: (mfn) => isOwn(mfn) || domain.foreign.canWrite(mfn),
    declareTable: () => true,

    busFrame(pfn) {
      if (exposed) {
        account.charge(Mechanism.dma, Event.guestP2mLookup);
      } else {
        account.charge(Mechanism.dma, Event.hypercall);
        account.charge(Mechanism.dma, Event.p2mLookup);
      }
      return p2m.get(pfn);
    },

    mapForeign: (mfns, writable) => enterThroughWindow(domain, window, mfns, writable, 'insert'),
    unmapForeign: (frames, writable) => removeThroughWindow(domain, window, frames, writable),

    emptyPlaces: () => [],

    releaseFrame(pfn) {
      account.charge(Mechanism.populate, Event.hypercall);
      const mfn = p2m.get(pfn);
      p2m.set(pfn, NO_FRAME);
      host.release(mfn, account);
      return null;
    },

    reclaimFrame(pfn) {
      account.charge(Mechanism.populate, Event.hypercall);
      if (give(pfn)) return null;
      return finding('balloon in', 'heap-has-room', `${host.name} has no frame free`);
    },

    refusesMove: () => null,
  };
};
