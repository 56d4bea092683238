import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { populateLargestFirst } from '../paging/largest-first.js';
import { RadixTable } from '../paging/radix-table.js';
import { type ChunkSource, SecondStage } from '../paging/second-stage.js';
import { MachineTableFrames } from '../paging/table-frames.js';
import type { MemoryModel, ModelOptions } from './model.js';
import { NestedPlaces } from './nested-places.js';
import { Place } from './page-places.js';
import { SecondStageFrames } from './second-stage-frames.js';
import { type P2mStore, translatedModel } from './translated.js';

/** Intel's page-modification log (MIG-17): one exit in 512 dirty pages. */
const HARDWARE_LOG_PAGES = 512;

/**
 * VP by nested tables: the p2m is a second stage that the MMU walks behind the guest's own tables, in frames of the domain's paging
 * pool. A new domain gets its memory in runs as large as the heap has them, in entries as large; what breaks a large entry is not
 * healed. Log-dirty takes the right to write from the second stage, and large entries break when first written. Memory of others is
 * entered above all that a guest could own. x86's external paging refuses page flips.
 */
export const nestedModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host, account, name } = domain;
  const { scheme, pagingPool } = host.simulation.platform;
  if (scheme.kind !== 'radix') throw new Error(`${name}: nested paging takes an MMU that walks radix tables`);
  const { format } = scheme;
  const from = pagingPool === undefined || domain.paging === null ? 'heap' : 'pool';
  const frames = new SecondStageFrames(host, domain.id, {
    rootFrom: pagingPool?.rootFromHeap === true ? 'heap' : from,
    othersFrom: from,
  });
  const byHardware = options.dirtyLog === 'hardware';
  /** Pages in the hardware's log. */
  let logged = 0;
  const stage = new SecondStage(
    new RadixTable(format, new MachineTableFrames(format, frames, host.tables), NO_FRAME),
    {
      guestFrame: (pfn) => {
        domain.mmu.flushGuestFrame?.(asPfn(pfn), stage.isLogging ? Mechanism.logging : Mechanism.populate);
        host.dma.secondStageChanged(domain, asPfn(pfn));
      },
      machine: () => {
        domain.mmu.flush(Mechanism.logging);
        host.dma.secondStageChanged(domain, null);
      },
    },
    byHardware,
  );

  /** Own frames that the guest cannot reach, since it has had a frame of the hypervisor's mapped in their place. */
  const behind = new Map<number, number>();
  let hypervisorFrames: Mfn[] = [];

  const noTable = `the pool of ${name} has no frame for a second-stage table`;
  const enter = (pfn: Pfn, mfn: Mfn): boolean => {
    if (behind.has(pfn)) {
      if (mfn === NO_FRAME) behind.delete(pfn);
      else behind.set(pfn, mfn);
      return true;
    }
    account.charge(Mechanism.populate, Event.secondStageStore);
    if (mfn === NO_FRAME) return stage.takeOut(pfn);
    const isOwn = host.frames.owner(mfn) === domain.id;
    return stage.table.makeRoot() && (isOwn ? stage.put(pfn, mfn) : stage.enterShared(pfn, mfn));
  };

  const p2m: P2mStore = {
    get: (pfn) => asMfn(behind.get(pfn) ?? stage.machineFrame(pfn)),
    set(pfn, mfn) {
      if (!enter(pfn, asMfn(mfn))) throw new Error(noTable);
    },
    makeEntry: (pfn) => behind.has(pfn) || stage.makeEntry(pfn),
    mapped(isOwned) {
      const mapped: Pfn[] = [];
      stage.forEachEntry(({ pfn, mfn: entered, order }) => {
        const mfn = behind.get(pfn) ?? entered;
        for (let page = 0; page < 2 ** order; page += 1) {
          if (isOwned(asMfn(mfn + page), asPfn(pfn + page))) mapped.push(asPfn(pfn + page));
        }
      });
      return mapped;
    },
  };

  const window = new NestedPlaces(stage, Math.min(2 ** 26, 2 ** (format.levels * format.indexBits - 1)), account);
  const finding = (operation: Finding['operation'], rule: string, detail: string): Finding => ({
    operation,
    model: 'nested',
    rule,
    detail,
  });
  /** The hardware has room for so many pages; when it is full it exits, and the hypervisor empties it. */
  const dirtied = (pfn: number): void => {
    if (!stage.isLogging) return;
    if (logged === HARDWARE_LOG_PAGES) {
      account.charge(Mechanism.logging, Event.dirtyBufferExit);
      logged = 0;
    }
    logged += 1;
    domain.dirtyLog?.mark(asPfn(pfn));
  };

  const release = (): void => {
    stage.forEachEntry(({ mfn, order }) => {
      for (let page = 0; page < 2 ** order; page += 1) host.release(asMfn(mfn + page), domain.builder);
    });
    stage.table.release();
  };

  const shared = translatedModel({
    id: 'nested',
    domain,
    p2m,
    window,
    exposed: options.exposedP2m === true,
    flips: false,
    overcommits: { share: 'exists', 'page out': 'exists', 'populate on demand': 'exists' },
    give(pfn) {
      const mfn = host.allocate(domain, 0);
      if (mfn === NO_FRAME) return 'heap-has-room';
      if (!enter(pfn, mfn)) {
        host.release(mfn, domain.builder);
        return 'pool-has-room';
      }
      host.frames.setGuestFrame(mfn, pfn);
      return null;
    },
  });
  const { overcommit } = shared;

  return {
    ...shared,
    secondStage: stage,

    populate(pages) {
      let full = stage.table.makeRoot();
      const source: ChunkSource = {
        allocate(order, guestFrame) {
          const first = host.allocate(domain, order);
          if (first === NO_FRAME) return NO_FRAME;
          for (let page = 0; page < 2 ** order; page += 1) {
            host.frames.setGuestFrame(asMfn(first + page), guestFrame + page);
          }
          domain.builder.charge(Mechanism.populate, Event.secondStageStore);
          return first;
        },
        giveBack(first, order) {
          full = false;
          for (let page = 0; page < 2 ** order; page += 1) host.release(asMfn(first + page), domain.builder);
        },
      };
      const byHypervisor = options.memoryFrom === 'hypervisor';
      const populate = (): number =>
        byHypervisor ? populateLargestFirst(stage, pages, source) : stage.populate(0, pages, source);
      const done = full ? populate() : 0;
      if (done === pages) return null;
      release();
      if (!full) return finding('build', 'pool-has-room', noTable);
      return finding('build', 'heap-has-room', `${host.name} has ${done} of the ${pages} frames asked for`);
    },

    mapHypervisorFrame(pfn, mfn) {
      const own = stage.machineFrame(pfn);
      if (!stage.enterHypervisorFrame(pfn, mfn)) return false;
      if (own !== NO_FRAME) behind.set(pfn, own);
      hypervisorFrames.push(mfn);
      return true;
    },

    checkInsert: (frame) =>
      finding('insert', 'no-inserts', `${name} has no TLB to insert guest frame ${hex(frame)} into: the MMU walks`),

    secondStageFault(pfn, write) {
      if (!write) {
        const isOutside = stage.machineFrame(pfn) === NO_FRAME && overcommit.places.at(pfn) !== Place.own;
        return isOutside && (overcommit.settle(pfn) ?? true);
      }
      if (overcommit.isShared(pfn)) return overcommit.unshare(pfn) ?? true;
      if (!stage.logWrite(pfn)) return false;
      account.charge(Mechanism.logging, Event.secondStageStore);
      if (!byHardware) domain.dirtyLog?.mark(pfn);
      return true;
    },

    dirtied: byHardware ? dirtied : undefined,

    dirtyLogging: {
      begin() {
        logged = 0;
        account.charge(Mechanism.logging, Event.secondStageStore, stage.beginLogging());
      },
      harvest() {
        logged = 0;
        account.charge(Mechanism.logging, Event.secondStageStore, stage.harvest().length);
      },
      end: () => account.charge(Mechanism.logging, Event.secondStageStore, stage.endLogging()),
    },

    makeEntry: (pfn, operation) => (p2m.makeEntry!(pfn) ? null : finding(operation, 'pool-has-room', noTable)),

    releaseFrame: (pfn, inBatch) =>
      p2m.makeEntry!(pfn) ? shared.releaseFrame(pfn, inBatch) : finding('balloon out', 'pool-has-room', noTable),

    refusesMove(target) {
      if (host.dma.devicesOf(domain).length === 0) return shared.refusesMove(target);
      return finding('migrate', 'no-device-assigned', `a device is assigned to ${name}, and its writes are in no log`);
    },

    checkpoint(archive) {
      archive.part('frames', frames);
      logged = archive.value('logged', logged);
      archive.map('behind', behind);
      hypervisorFrames = archive.numbers('hypervisorFrames', hypervisorFrames);
      archive.part('stage', stage);
      archive.part('window', window);
      shared.checkpoint(archive);
    },

    dispose() {
      shared.dispose();
      for (const mfn of hypervisorFrames) host.hypervisor.giveBackFrame(mfn);
      stage.table.release();
    },
  };
};
