import type { Domain } from '../domain/domain.js';
import { clearKernelPage } from '../domain/kernel-mapping.js';
import { type Finding, type Operation, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { SCRUBBED } from '../host/frame-table.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { refuseFlip } from '../models/direct.js';
import type { ForeignWay, ModelOptions } from '../models/model.js';
import { SecondStageFrames } from '../models/second-stage-frames.js';
import { ARM64_4K } from '../paging/format.js';
import { RadixTable } from '../paging/radix-table.js';
import { SecondStage } from '../paging/second-stage.js';
import { MachineTableFrames } from '../paging/table-frames.js';
import type { FrameRange } from './boot-memory.js';
import type { PlaceDirect } from './placement.js';
import type { ArmDirectModel } from './site.js';

/** Frames that one memory hypercall of the balloon driver carries: a page of 8-byte frame numbers. */
const FRAMES_A_HYPERCALL = 512;

/**
 * P==M as Xen on Arm has it: placement and ownership are P==M's, and an identity second stage isolates the domain. A
 * frame that is ballooned out leaves the second stage; *kept*, it stays the domain's, so that it can always come back
 * and nothing is freed. Frames of others are mapped at ballooned-out guest frames: there PFN ≠ MFN.
 */
export const directOnArm = (placeDirect: PlaceDirect, domain: Domain, options: ModelOptions): ArmDirectModel => {
  const { host, account } = domain;
  const { pageBytes } = host.simulation.platform;
  const kept = options.ballooned !== 'released';
  const placement = placeDirect(domain);
  const frames = new SecondStageFrames(host, domain.id, { rootFrom: 'heap', othersFrom: placement.tablesFrom });
  const format = { ...ARM64_4K, indexBits: Math.log2(pageBytes / 8) };
  const stage = new SecondStage(new RadixTable(format, new MachineTableFrames(format, frames, host.tables), NO_FRAME), {
    guestFrame: (pfn) => domain.mmu.flushGuestFrame?.(asPfn(pfn), Mechanism.populate),
    machine: () => domain.mmu.flush(Mechanism.populate),
  });
  const hasRoot = stage.table.makeRoot();
  let hypervisorFrames: Mfn[] = [];
  /** Ballooned-out guest frames with nothing behind them, and those with a frame of another domain. */
  const empty = new Set<Pfn>();
  const lent = new Set<Pfn>();
  /** Those of them that were ballooned out only to map something there. */
  const borrowed = new Set<Pfn>();
  let holdsPlaces = false;
  let owned: Pfn[] = [];

  const finding = (operation: Operation, rule: string, detail: string): Finding => ({
    operation,
    model: 'direct',
    rule,
    detail,
  });
  const noTable = (operation: Operation): Finding => {
    const rule = placement.tablesFrom === 'heap' ? 'heap-has-room' : 'pool-has-room';
    return finding(operation, rule, `no frame is left for a second-stage table of ${domain.name} on ${host.name}`);
  };
  /** Where the tables on the way have been there since the frame was first mapped. */
  const expectTable = (isThere: boolean): void => {
    if (!isThere) throw new Error(`a table of ${domain.name} is gone`);
  };
  const isOwn = (mfn: Mfn): boolean => mfn !== NO_FRAME && host.frames.owner(mfn) === domain.id;

  /** Takes over frames that were given to the domain; they go back where the tables for them do not fit. */
  const own = (ranges: readonly FrameRange[]): Finding | null => {
    const given: Pfn[] = [];
    for (const { first, end } of ranges) {
      for (let mfn = first; mfn < end; mfn += 1) {
        host.frames.setGuestFrame(asMfn(mfn), mfn);
        given.push(asPfn(mfn));
      }
    }
    if (hasRoot && ranges.every(({ first, end }) => stage.mapRun(first, first, end - first))) {
      owned = [...owned, ...given].toSorted((a, b) => a - b);
      return null;
    }
    for (const { first, end } of ranges) stage.table.unmapRun(first, end - first);
    for (const mfn of given) host.release(asMfn(mfn), domain.builder);
    return noTable('build');
  };

  /** Takes one frame out of the second stage; false where a large entry must break and no table is left. */
  const takeOut = (pfn: Pfn): boolean => {
    if (!stage.takeOut(pfn)) return false;
    if (!kept) {
      host.release(asMfn(pfn), account);
      return true;
    }
    host.frames.setContents(asMfn(pfn), SCRUBBED);
    account.charge(Mechanism.populate, Event.pageScrub);
    return true;
  };

  /** A frame that was ballooned out when the domain came from disk or another host is not among those that it came with. */
  const addOwned = (pfn: Pfn): void => {
    let from = 0;
    for (let to = owned.length; from < to;) {
      const middle = Math.floor((from + to) / 2);
      if (owned[middle] < pfn) from = middle + 1;
      else to = middle;
    }
    if (owned[from] !== pfn) owned.splice(from, 0, pfn);
  };

  const putBack = (pfn: Pfn): Finding | null => {
    if (!kept) {
      if (!host.allocateAt(domain, asMfn(pfn), 0)) {
        const detail = `frame ${hex(pfn)} is ${host.describeOwner(asMfn(pfn))}`;
        return finding('balloon in', 'same-frames-free', detail);
      }
      host.frames.setGuestFrame(asMfn(pfn), pfn);
      addOwned(pfn);
    }
    expectTable(stage.put(pfn, pfn));
    return null;
  };

  const chargeUpdates = (count: number, way: ForeignWay): void => {
    if (way === 'grant') return;
    account.charge(Mechanism.foreignMap, Event.hypercall, Math.ceil(count / FRAMES_A_HYPERCALL));
  };

  const chargeBalloon = (count: number): void =>
    account.charge(Mechanism.populate, Event.memoryOperation, Math.ceil(count / FRAMES_A_HYPERCALL));

  /** Ballooned-out guest frames to map at, taken from the domain's own free memory where there are too few. */
  const framesToMapAt = (count: number): Pfn[] | Finding => {
    chargeBalloon(Math.max(0, count - empty.size));
    while (empty.size < count) {
      // What another domain or a device has, free as it may be, cannot be given up.
      const pfn = domain.free.takeThat((each) => host.frames.references(asMfn(each)) === 1);
      if (pfn === null) return finding('map foreign', 'frames-to-borrow', `${domain.name} has no free frame to map at`);
      clearKernelPage(domain, pfn);
      if (!takeOut(pfn)) {
        domain.free.giveBack(pfn);
        return noTable('map foreign');
      }
      domain.forgetContents(pfn);
      empty.add(pfn);
      borrowed.add(pfn);
    }
    return [...empty].slice(0, count);
  };

  const returnBorrowed = (): void => {
    if (holdsPlaces) return;
    const unused = [...borrowed].filter((pfn) => empty.has(pfn));
    chargeBalloon(unused.length);
    for (const pfn of unused) {
      if (putBack(pfn) !== null) continue;
      empty.delete(pfn);
      borrowed.delete(pfn);
      domain.free.giveBack(pfn);
    }
  };

  const model: ArmDirectModel = {
    id: 'direct',
    tablesHoldMachineFrames: false,
    showsMachineFrames: true,
    secondStage: stage,

    populate(pages) {
      const ranges = placement.place(pages);
      return isFinding(ranges) ? ranges : own(ranges);
    },

    populateFrames(pfns) {
      return placement.placeAt(pfns) ?? own(runsOf(pfns));
    },

    ownedFrames: () => owned.filter((pfn) => isOwn(asMfn(pfn))),

    machineFrame: (pfn) => (isOwn(asMfn(pfn)) ? asMfn(pfn) : asMfn(NO_FRAME)),
    frameForEntry: (pfn) => pfn,
    frameFromEntry: (frame) => asPfn(frame),
    frameBehindEntry: (frame) => asMfn(stage.machineFrame(frame)),
    kernelInsertSize: (_pfn, granuleLog2) => granuleLog2,

    checkInsert: (frame) =>
      finding(
        'insert',
        'no-inserts',
        `${domain.name} has no TLB to insert guest frame ${hex(frame)} into: the MMU walks`,
      ),

    mayWrite: (mfn) => isOwn(mfn) || domain.foreign.canWrite(mfn),
    declareTable: () => true,
    busFrame: (pfn) => asMfn(pfn),

    mapForeign(mfns, writable, way) {
      const pfns = framesToMapAt(mfns.length);
      if (isFinding(pfns)) {
        returnBorrowed();
        return pfns;
      }
      chargeUpdates(mfns.length, way);
      const entered: Pfn[] = [];
      for (const [index, mfn] of mfns.entries()) {
        const refusal = domain.foreign.enter(mfn, writable, way);
        if (refusal !== null) {
          model.unmapForeign(entered, writable, way);
          returnBorrowed();
          return finding('map foreign', 'one-type', refusal);
        }
        account.charge(Mechanism.foreignMap, Event.foreignEnter);
        const pfn = pfns[index];
        expectTable(stage.enterForeign(pfn, mfn, writable));
        empty.delete(pfn);
        lent.add(pfn);
        entered.push(pfn);
      }
      return entered;
    },

    unmapForeign(frames, writable, way) {
      chargeUpdates(frames.length, way);
      for (const frame of frames) {
        const pfn = asPfn(frame);
        domain.foreign.remove(asMfn(stage.machineFrame(pfn)), writable, way);
        expectTable(stage.takeOut(pfn));
        lent.delete(pfn);
        empty.add(pfn);
        account.charge(Mechanism.foreignMap, Event.foreignRemove);
      }
      returnBorrowed();
    },

    giveFrame: (pfn) => refuseFlip(domain, asMfn(pfn)),
    acceptFrame: (_pfn, mfn) => refuseFlip(domain, mfn),

    emptyPlaces: () => [...borrowed].filter((pfn) => empty.has(pfn)),

    get pagesLent() {
      return [...borrowed].filter((pfn) => !isOwn(asMfn(pfn))).length;
    },

    holdPlaces() {
      holdsPlaces = true;
    },

    releaseFrame(pfn, inBatch = false) {
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      if (!takeOut(pfn)) return noTable('balloon out');
      empty.add(pfn);
      return null;
    },

    reclaimFrame(pfn, inBatch = false) {
      if (lent.has(pfn)) {
        const detail = `at guest frame ${hex(pfn)} ${domain.name} has mapped a frame of another domain`;
        return finding('balloon in', 'not-mapped-at', detail);
      }
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      const refusal = putBack(pfn);
      if (refusal === null) empty.delete(pfn);
      return refusal;
    },

    refusesMove: (target) => placement.refusesMove(model.ownedFrames(), target),

    mapDevice: (first, pages) => expectTable(stage.mapDevice(first, pages)),

    mapHypervisorFrame(pfn, mfn) {
      hypervisorFrames.push(mfn);
      return stage.enterHypervisorFrame(pfn, mfn);
    },

    checkpoint(archive) {
      archive.part('frames', frames);
      hypervisorFrames = archive.numbers('hypervisorFrames', hypervisorFrames);
      archive.set('empty', empty);
      archive.set('lent', lent);
      archive.set('borrowed', borrowed);
      holdsPlaces = archive.value('holdsPlaces', holdsPlaces);
      owned = archive.numbers('owned', owned);
      archive.part('stage', stage);
    },

    dispose() {
      stage.table.release();
      for (const mfn of hypervisorFrames) host.hypervisor.giveBackFrame(mfn);
      owned = [];
    },
  };
  return model;
};

/** Frames in ascending order, as runs of those that follow each other. */
const runsOf = (pfns: readonly Pfn[]): FrameRange[] => {
  const runs: { first: number; end: number }[] = [];
  for (const pfn of pfns.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.end === pfn) last.end += 1;
    else runs.push({ first: pfn, end: pfn + 1 });
  }
  return runs;
};
