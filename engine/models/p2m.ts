import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import { clearKernelPage } from '../domain/kernel-mapping.js';
import type { Finding, Operation } from '../finding.js';
import { FrameType } from '../host/frame-table.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { MAX_ORDER } from '../host/heap.js';
import type { ForeignWay, MemoryModel } from './model.js';
import { P2mTable } from './p2m-table.js';

/** Updates of foreign frames that one hypercall carries: a page of 16-byte updates, as x86's privileged mapping has it. */
const UPDATES_A_HYPERCALL = 1024;

/**
 * P2M, paravirtual: the guest keeps the physical-to-machine array and puts machine frames into its own tables. The
 * hypervisor checks the owner at each insert and keeps the m2p. Frames of others are mapped at guest frames whose own
 * memory was ballooned out.
 */
export const p2mModel = (domain: Domain): MemoryModel => {
  const { host, account } = domain;
  const p2m = new P2mTable(host.simulation.arena);
  let borrowed: Pfn[] = [];
  let placesAboveMemory = 0;
  const lent = new Map<Mfn, Pfn[]>();

  const finding = (operation: Operation, rule: string, detail: string): Finding => ({
    operation,
    model: 'p2m',
    rule,
    detail,
  });

  const isOwn = (mfn: Mfn): boolean => mfn !== NO_FRAME && host.frames.owner(mfn) === domain.id;
  const isOwnAt = (mfn: Mfn, pfn: Pfn): boolean => isOwn(mfn) && host.frames.guestFrame(mfn) === pfn;

  const { guestP2m, pageBytes } = host.simulation.platform;

  /** The guest stores an entry: the page of its array is dirty. */
  const store = (pfn: Pfn, mfn: number): void => {
    p2m.set(pfn, mfn);
    if (domain.dirtyLog === null || guestP2m === undefined) return;
    const page = domain.p2mPfns[Math.floor((pfn * guestP2m.entryBytes) / pageBytes)];
    if (page !== undefined) domain.dirtyLog.mark(page);
  };

  const put = (pfn: Pfn, mfn: Mfn): void => {
    store(pfn, mfn);
    host.frames.setGuestFrame(mfn, pfn);
  };

  const takeOut = (pfn: Pfn): void => {
    const mfn = p2m.get(pfn);
    store(pfn, NO_FRAME);
    account.charge(Mechanism.populate, Event.guestP2mStore);
    host.release(mfn, account);
  };

  /** A free frame that only the kernel itself refers to, since no other can be given back; null where there is none. */
  const takeUnreferenced = (): Pfn | null => {
    const held: Pfn[] = [];
    let pfn = domain.free.take();
    for (; pfn !== null; pfn = domain.free.take()) {
      const mfn = p2m.get(pfn);
      if (host.frames.references(mfn) === 1 + (domain.pv?.kernelReferences(mfn) ?? 0)) break;
      held.push(pfn);
    }
    for (const other of held.toReversed()) domain.free.giveBack(other);
    return pfn;
  };

  const owned = (): Pfn[] => p2m.mapped(isOwnAt);

  const chargeUpdates = (count: number, way: ForeignWay): void => {
    if (way === 'grant') return;
    account.charge(Mechanism.foreignMap, Event.hypercall, Math.ceil(count / UPDATES_A_HYPERCALL));
  };

  const chargeMaps = (count: number, way: ForeignWay): void => {
    const rule = host.simulation.platform.foreignMaps;
    if (rule === undefined || way === 'grant') {
      chargeUpdates(count, way);
      return;
    }
    const calls = Math.ceil(count / rule.updatesAHypercall) + Math.ceil(count / rule.pagesAFlush);
    account.charge(Mechanism.foreignMap, Event.hypercall, calls);
  };

  const giveBack = (): void => {
    for (const pfn of owned()) {
      host.release(p2m.get(pfn), domain.builder);
      p2m.set(pfn, NO_FRAME);
    }
  };

  return {
    id: 'p2m',
    tablesHoldMachineFrames: true,
    showsMachineFrames: true,

    populate(pages) {
      let next = 0;
      while (next < pages) {
        let order = Math.min(MAX_ORDER, Math.floor(Math.log2(pages - next)), host.largestOrder(domain));
        while (order > 0 && next % 2 ** order !== 0) order -= 1;
        const first = order < 0 ? NO_FRAME : host.allocate(domain, order);
        if (first === NO_FRAME) {
          giveBack();
          return finding('build', 'heap-has-room', `${host.name} has ${next} of the ${pages} frames asked for`);
        }
        for (let offset = 0; offset < 2 ** order; offset += 1) put(asPfn(next + offset), asMfn(first + offset));
        next += 2 ** order;
      }
      domain.builder.charge(Mechanism.populate, Event.guestP2mStore, pages);
      return null;
    },

    populateFrames(pfns) {
      for (const pfn of pfns) {
        const mfn = host.allocate(domain, 0);
        if (mfn === NO_FRAME) {
          giveBack();
          return finding('build', 'heap-has-room', `${host.name} has no frame free for guest frame ${hex(pfn)}`);
        }
        put(pfn, mfn);
      }
      domain.builder.charge(Mechanism.populate, Event.guestP2mStore, pfns.length);
      return null;
    },

    ownedFrames: owned,

    machineFrame: (pfn) => p2m.get(pfn),
    frameForEntry(pfn, mechanism) {
      account.charge(mechanism, Event.guestP2mLookup);
      return p2m.get(pfn);
    },
    frameFromEntry: (frame) => host.frames.guestFrame(asMfn(frame)),
    frameBehindEntry: (frame) => asMfn(frame),
    kernelInsertSize: (pfn, granuleLog2) => p2m.largestRun(pfn, granuleLog2, isOwn),

    checkInsert(frame, log2Pages) {
      account.charge(Mechanism.translation, Event.ownerCheck, 2 ** log2Pages);
      const mfn = asMfn(frame);
      const first = frame - (frame % 2 ** log2Pages);
      for (let at = first; at < first + 2 ** log2Pages; at += 1) {
        if (isOwn(asMfn(at)) || (log2Pages === 0 && domain.foreign.has(asMfn(at)))) continue;
        return finding('insert', 'own-or-granted', `frame ${hex(at)} is ${host.describeOwner(asMfn(at))}`);
      }
      return { mfn, log2Pages };
    },

    checkEntry(entry) {
      const refusal = domain.pv?.refuses(entry) ?? null;
      return refusal === null ? null : finding('insert', 'own-or-granted', refusal);
    },

    mayWrite: (mfn) => isOwn(mfn) || domain.foreign.canWrite(mfn),

    declareTable(pfn) {
      account.charge(Mechanism.work, Event.hypercall);
      if (domain.pv !== null) {
        account.charge(Mechanism.work, Event.vaMappingUpdate);
        return domain.pv.declareTable(p2m.get(pfn));
      }
      account.charge(Mechanism.work, Event.pagePin);
      return host.frames.takeType(p2m.get(pfn), FrameType.pageTable);
    },

    busFrame(pfn) {
      account.charge(Mechanism.dma, Event.guestP2mLookup);
      return p2m.get(pfn);
    },

    mapForeign(mfns, writable, way) {
      const missing = mfns.length - borrowed.length;
      if (missing > 0) {
        account.charge(Mechanism.foreignMap, Event.hypercall);
        for (let count = 0; count < missing; count += 1) {
          const pfn = takeUnreferenced();
          if (pfn === null)
            return finding('map foreign', 'frames-to-borrow', `${domain.name} has no free frame to lend`);
          clearKernelPage(domain, pfn);
          takeOut(pfn);
          domain.forgetContents(pfn);
          borrowed.push(pfn);
        }
      }
      chargeMaps(mfns.length, way);
      const entered: Mfn[] = [];
      for (const mfn of mfns) {
        const refusal = domain.foreign.enter(mfn, writable, way);
        if (refusal !== null) {
          this.unmapForeign(entered, writable, way);
          return finding('map foreign', 'one-type', refusal);
        }
        account.charge(Mechanism.foreignMap, Event.foreignEnter);
        account.charge(Mechanism.foreignMap, Event.guestP2mStore);
        const pfn = borrowed.pop()!;
        store(pfn, mfn);
        const holders = lent.get(mfn);
        if (holders === undefined) lent.set(mfn, [pfn]);
        else holders.push(pfn);
        entered.push(mfn);
      }
      return entered;
    },

    unmapForeign(frames, writable, way) {
      chargeUpdates(frames.length, way);
      for (const frame of frames) {
        const mfn = asMfn(frame);
        const holders = lent.get(mfn)!;
        const pfn = holders.pop()!;
        if (holders.length === 0) lent.delete(mfn);
        account.charge(Mechanism.foreignMap, Event.foreignRemove);
        account.charge(Mechanism.foreignMap, Event.guestP2mStore);
        domain.foreign.remove(mfn, writable, way);
        store(pfn, NO_FRAME);
        borrowed.push(pfn);
      }
    },

    giveFrame(pfn) {
      const mfn = p2m.get(pfn);
      store(pfn, NO_FRAME);
      account.charge(Mechanism.grants, Event.guestP2mStore);
      return mfn;
    },

    acceptFrame(pfn, mfn) {
      put(pfn, mfn);
      account.charge(Mechanism.grants, Event.guestP2mStore);
      return null;
    },

    emptyPlaces: () => borrowed,
    repoint: put,

    addEmptyPlaces(count) {
      const first = p2m.length;
      for (let place = first; place < first + count; place += 1) {
        p2m.set(asPfn(place), NO_FRAME);
        borrowed.push(asPfn(place));
      }
      placesAboveMemory += count;
    },

    get pagesLent() {
      let places = borrowed.length - placesAboveMemory;
      for (const holders of lent.values()) places += holders.length;
      return places;
    },

    releaseFrame(pfn, inBatch = false) {
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      takeOut(pfn);
      return null;
    },

    reclaimFrame(pfn, inBatch = false) {
      if (!inBatch) account.charge(Mechanism.populate, Event.hypercall);
      const mfn = host.allocate(domain, 0);
      if (mfn === NO_FRAME) return finding('balloon in', 'heap-has-room', `${host.name} has no frame free`);
      put(pfn, mfn);
      account.charge(Mechanism.populate, Event.guestP2mStore);
      return null;
    },

    checkpoint(archive) {
      archive.part('p2m', p2m);
      borrowed = archive.numbers('borrowed', borrowed);
      placesAboveMemory = archive.value('placesAboveMemory', placesAboveMemory);
      const holders = archive.list('lent', [...lent], (each, entry): [Mfn, Pfn[]] => {
        const [mfn, pfns] = entry ?? [asMfn(NO_FRAME), []];
        return [each.value('mfn', mfn), each.numbers('pfns', pfns)];
      });
      lent.clear();
      for (const [mfn, pfns] of holders) lent.set(mfn, pfns);
    },

    get shadow() {
      return domain.pv?.twins.state;
    },

    get dirtyLogging() {
      return domain.pv?.twins;
    },

    prepareLogging: () => domain.pv?.twins.takePool() ?? null,

    dispose() {
      domain.pv?.twins.dispose();
      p2m.release();
    },

    refusesMove: () => null,
  };
};
