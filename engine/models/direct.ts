import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, type Operation, isFinding } from '../finding.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { FrameSet } from '../host/frame-set.js';
import { FrameState, SCRUBBED } from '../host/frame-table.js';
import { NO_FRAME, type Mfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import {
  type ForeignPlaces,
  ForeignWindow,
  enterThroughWindow,
  placesAtOwnNumbers,
  removeThroughWindow,
} from './foreign-window.js';
import type { Insert, MemoryModel, ModelOptions } from './model.js';
import { refusesOtherFrames, takeLowestChunks, takeTheseFrames } from './own-frames.js';

/** A page flip would put a frame at another number, or leave a hole that no other frame can fill. */
export const refuseFlip = (domain: Domain, mfn: Mfn): Finding => {
  const detail = `frame ${hex(mfn)} cannot leave or join ${domain.name}, whose guest frames are its machine frames`;
  return { operation: 'transfer', model: 'direct', rule: 'pfn-is-mfn', detail };
};

/**
 * P==M: the domain's guest frames are its machine frames. Nobody holds a p2m.
 *
 * *Trusted*, as ia64's domain0 was in January 2006: any installed frame may be named and inserted; nothing is checked,
 * and mapping the memory of others by name takes no reference. A grant that it maps holds one, as any grant does, and an
 * IOMMU of its own frames lets its devices reach that frame at its own number for so long (Xen:
 * `gnttab_need_iommu_mapping`). *Restricted*: only its own frames, and frames of others that the hypervisor entered at a
 * guest frame of its choice, above all memory: the one place where PFN ≠ MFN.
 *
 * *Released*, a frame that is ballooned out goes to the heap, and comes back only as long as nobody has taken it. *Kept*, it stays the
 * domain's: it can always come back, and nothing is freed.
 */
export const directModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host } = domain;
  const { platform } = host.simulation;
  const trusted = options.access !== 'restricted';
  const keeps = options.ballooned === 'kept';
  /** Where the MMU walks the guest's own tables an entry has to name the machine frame. */
  const walked = platform.scheme.kind === 'radix';
  const window: ForeignPlaces = walked ? placesAtOwnNumbers(domain) : new ForeignWindow(2 ** 26);
  const owned = new FrameSet(host.simulation.arena);

  const finding = (operation: Operation, rule: string, detail: string): Finding => ({
    operation,
    model: 'direct',
    rule,
    detail,
  });

  const own = (first: Mfn, order: number): void => {
    for (let mfn = first as number; mfn < first + 2 ** order; mfn += 1) {
      host.frames.setGuestFrame(asMfn(mfn), mfn);
      owned.add(asPfn(mfn));
    }
  };

  const isOwn = (mfn: Mfn): boolean => host.frames.owner(mfn) === domain.id;

  return {
    id: 'direct',
    tablesHoldMachineFrames: false,
    showsMachineFrames: true,
    isTrusted: trusted,

    populate(pages) {
      const chunks = takeLowestChunks(domain, pages);
      if (isFinding(chunks)) return chunks;
      for (const { first, order } of chunks) own(first, order);
      return null;
    },

    populateFrames(pfns) {
      const refusal = takeTheseFrames(domain, pfns);
      if (refusal !== null) return refusal;
      for (const pfn of pfns) own(asMfn(pfn), 0);
      return null;
    },

    ownedFrames: () => owned.list(),

    machineFrame: (pfn) => {
      if (pfn >= 0 && isOwn(asMfn(pfn))) return asMfn(pfn);
      return window.machineFrame(pfn);
    },
    frameForEntry: (pfn) => pfn,
    frameFromEntry: (frame) => asPfn(frame),
    frameBehindEntry: (frame) => {
      const entered = window.machineFrame(frame);
      if (entered !== NO_FRAME) return entered;
      return asMfn(trusted || isOwn(asMfn(frame)) ? frame : NO_FRAME);
    },
    kernelInsertSize: (_pfn, granuleLog2) => granuleLog2,

    checkInsert(frame, log2Pages): Insert | Finding {
      const entered = window.machineFrame(frame);
      if (entered !== NO_FRAME) {
        domain.account.charge(Mechanism.translation, Event.ownerCheck);
        return { mfn: entered, log2Pages: 0 };
      }
      const mfn = asMfn(frame);
      if (trusted) {
        if (host.frames.state(mfn) !== FrameState.notInstalled) return { mfn, log2Pages };
        return finding('insert', 'installed', `frame ${hex(frame)} is not installed`);
      }
      const size = isOwn(mfn) ? ownedRun(mfn, log2Pages) : 0;
      domain.account.charge(Mechanism.translation, Event.ownerCheck, 2 ** size);
      if (!isOwn(mfn)) return finding('insert', 'own-or-granted', `frame ${hex(frame)} is ${host.describeOwner(mfn)}`);
      return { mfn, log2Pages: size };
    },

    mayWrite: (mfn) => trusted || isOwn(mfn) || domain.foreign.canWrite(mfn),
    declareTable: () => true,

    busFrame: (pfn) => asMfn(pfn),

    checkEntry(entry) {
      const mfn = asMfn(entryFrame(entry));
      if (!walked || trusted || !isPresent(entry) || isOwn(mfn)) return null;
      if (isWritable(entry) ? domain.foreign.canWrite(mfn) : domain.foreign.has(mfn)) return null;
      return finding('insert', 'own-or-granted', `frame ${hex(mfn)} is ${host.describeOwner(mfn)}`);
    },

    mapForeign(mfns, writable, way) {
      if (trusted) {
        if (way === 'grant') {
          // The type of each was checked when its grant was.
          for (const mfn of mfns) domain.foreign.enter(mfn, writable, way);
          return [...mfns];
        }
        domain.account.charge(Mechanism.foreignMap, Event.hypercall);
        domain.account.charge(Mechanism.foreignMap, Event.p2mLookup, mfns.length);
        return [...mfns];
      }
      return enterThroughWindow(domain, window, mfns, writable, way, 'direct');
    },

    unmapForeign(frames, writable, way) {
      if (!trusted) removeThroughWindow(domain, window, frames, writable, way);
      else if (way === 'grant') for (const frame of frames) domain.foreign.remove(asMfn(frame), writable, way);
    },

    giveFrame: (pfn) => refuseFlip(domain, asMfn(pfn)),
    acceptFrame: (_pfn, mfn) => refuseFlip(domain, mfn),

    emptyPlaces: () => [],

    releaseFrame(pfn, inBatch = false) {
      if (!inBatch) domain.account.charge(Mechanism.populate, Event.hypercall);
      if (keeps) {
        host.frames.setContents(asMfn(pfn), SCRUBBED);
        domain.account.charge(Mechanism.populate, Event.pageScrub);
        return null;
      }
      owned.delete(pfn);
      host.release(asMfn(pfn), domain.account);
      return null;
    },

    reclaimFrame(pfn, inBatch = false) {
      if (!inBatch) domain.account.charge(Mechanism.populate, Event.hypercall);
      if (keeps) return null;
      if (!host.allocateAt(domain, asMfn(pfn), 0)) {
        const detail = `frame ${hex(pfn)} is ${host.describeOwner(asMfn(pfn))}`;
        return finding('balloon in', 'same-frames-free', detail);
      }
      own(asMfn(pfn), 0);
      return null;
    },

    checkpoint(archive) {
      archive.part('owned', owned);
      archive.part('window', window);
    },

    dispose: () => owned.release(),

    refusesMove: (target) => refusesOtherFrames(owned.list(), target),
  };

  /** The size of the largest aligned block around the frame that is all the domain's own. */
  function ownedRun(mfn: Mfn, limitLog2: number): number {
    let size = 0;
    while (size < limitLog2) {
      const pages = 2 ** (size + 1);
      const first = mfn - (mfn % pages);
      for (let at = first; at < first + pages; at += 1) if (!isOwn(asMfn(at))) return size;
      size += 1;
    }
    return size;
  }
};
