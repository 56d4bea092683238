import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { type ForeignPlaces, enterThroughWindow, removeThroughWindow } from './foreign-window.js';
import type { MemoryModel, ModelId } from './model.js';
import { Overcommit, type OvercommitSupport } from './overcommit.js';

/** A p2m that the hypervisor holds for a VP domain, whatever it is made of. */
export interface P2mStore {
  /** The machine frame at a guest frame, or `NO_FRAME`. */
  get(pfn: Pfn): Mfn;
  /** Also called when the frame stays and its owner changes: a frame that is not the domain's own may only be read. */
  set(pfn: Pfn, mfn: number): void;
  /** Makes room to set one guest frame by itself, where that can take a table; false when none is left. */
  makeEntry?(pfn: Pfn): boolean;
  /** Guest frames that have a machine frame and pass the filter, ascending. */
  mapped(isOwned: (mfn: Mfn, pfn: Pfn) => boolean): Pfn[];
}

/** What tells one VP model from another. */
export interface TranslatedParts {
  readonly id: ModelId;
  readonly domain: Domain;
  readonly p2m: P2mStore;
  /** Guest frames that hold memory of others, above all that a guest could own. */
  readonly window: ForeignPlaces;
  /** Gives a guest frame memory of the host's: null, or the rule that stands in the way. */
  readonly give: (pfn: Pfn) => 'heap-has-room' | 'pool-has-room' | null;
  /** Device addresses can be looked up in a p2m that the guest can read. */
  readonly exposed: boolean;
  /** Whether frames can change owner by a page flip; x86's external paging (shadow, nested) refuses it. */
  readonly flips: boolean;
  /** Which ways of overcommitting memory the model has. */
  readonly overcommits: OvercommitSupport;
}

/** The operations that a model must add to those below. */
export type OwnOperations = 'checkInsert';

/** The others; a model that has state of its own adds to the last two, and calls these. */
export type TranslatedModel = Omit<MemoryModel, OwnOperations> & {
  readonly overcommit: Overcommit;
  dispose(): void;
};

/**
 * What all VP models do alike: the hypervisor holds the p2m, guests put guest frames into their entries, any machine frame will
 * do, foreign frames are entered at free guest frames, and a device address comes by a hypercall or from an exposed p2m.
 */
export const translatedModel = (parts: TranslatedParts): TranslatedModel => {
  const { id, domain, p2m, window, give, exposed, flips, overcommits } = parts;
  const { host, account } = domain;
  const overcommit = new Overcommit(domain, p2m, overcommits);

  const finding = (operation: Operation, rule: string, detail: string): Finding => ({
    operation,
    model: id,
    rule,
    detail,
  });

  const refuseFlip = (pfn: Pfn): Finding =>
    finding('transfer', 'no-external-paging', `guest frame ${hex(pfn)} of ${domain.name} is under external paging`);

  const lacking = (lack: string): string =>
    lack === 'heap-has-room' ? `${host.name} has no frame free` : `the pool of ${domain.name} has no frame for a table`;

  const isOwn = (mfn: Mfn): boolean => mfn !== NO_FRAME && host.frames.owner(mfn) === domain.id;
  const owned = (): Pfn[] => p2m.mapped(isOwn);

  const giveBack = (): void => {
    for (const pfn of owned()) {
      host.release(p2m.get(pfn), domain.builder);
      p2m.set(pfn, NO_FRAME);
    }
  };

  const populateFrames = (pfns: readonly Pfn[]): Finding | null => {
    for (const pfn of pfns) {
      const lack = give(pfn);
      if (lack === null) continue;
      giveBack();
      return finding('build', lack, `${lacking(lack)} for guest frame ${hex(pfn)}`);
    }
    return null;
  };

  const machineFrame = (pfn: Pfn): Mfn => {
    const mfn = p2m.get(pfn);
    return mfn === NO_FRAME ? window.machineFrame(pfn) : mfn;
  };

  return {
    id,
    tablesHoldMachineFrames: false,
    showsMachineFrames: exposed,

    populate: (pages) => populateFrames(Array.from({ length: pages }, (_, pfn) => asPfn(pfn))),
    populateFrames,
    ownedFrames: owned,

    machineFrame,
    frameForEntry: (pfn) => pfn,
    frameFromEntry: (frame) => asPfn(frame),
    frameBehindEntry: (frame) => machineFrame(asPfn(frame)),
    kernelInsertSize: (_pfn, granuleLog2) => granuleLog2,

    mayWrite: (mfn) => isOwn(mfn) || domain.foreign.canWrite(mfn),
    declareTable: () => true,

    busFrame(pfn) {
      if (exposed) {
        account.charge(Mechanism.dma, Event.guestP2mLookup);
      } else {
        account.charge(Mechanism.dma, Event.hypercall);
        account.charge(Mechanism.dma, Event.p2mLookup);
      }
      return overcommit.makeOwn(pfn) === null ? p2m.get(pfn) : asMfn(NO_FRAME);
    },

    mapForeign: (mfns, writable, way) => enterThroughWindow(domain, window, mfns, writable, way, id),
    unmapForeign: (frames, writable, way) => removeThroughWindow(domain, window, frames, writable, way),

    giveFrame(pfn) {
      if (!flips) return refuseFlip(pfn);
      account.charge(Mechanism.grants, Event.p2mUpdate);
      const mfn = p2m.get(pfn);
      p2m.set(pfn, NO_FRAME);
      return mfn;
    },

    acceptFrame(pfn, mfn) {
      if (!flips) return refuseFlip(pfn);
      account.charge(Mechanism.grants, Event.p2mUpdate);
      p2m.set(pfn, mfn);
      host.frames.setGuestFrame(mfn, pfn);
      return null;
    },

    forEachForeign: (visit) => window.forEach(visit),

    emptyPlaces: () => [],

    repoint(pfn, mfn) {
      p2m.set(pfn, mfn);
      host.frames.setGuestFrame(mfn, pfn);
    },
    overcommit,
    checkpoint: (archive) => archive.part('overcommit', overcommit),
    dispose: () => overcommit.dispose(),

    releaseFrame(pfn, inBatch = false) {
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      overcommit.release(pfn);
      return null;
    },

    reclaimFrame(pfn, inBatch = false) {
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      const lack = give(pfn);
      return lack === null ? null : finding('balloon in', lack, lacking(lack));
    },

    refusesMove() {
      const outside = overcommit.outside;
      if (outside === 0) return null;
      return finding(
        'migrate',
        'memory-in-frames-of-its-own',
        `${outside} pages of ${domain.name} are shared, on disk or not populated`,
      );
    },
  };
};
