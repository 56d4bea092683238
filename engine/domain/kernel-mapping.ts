import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import type { Finding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn } from '../host/frame-number.js';
import { EntryFlag, entryFrame } from '../host/entry.js';
import { type RadixFormat, indexAt } from '../paging/format.js';
import { Region } from '../mmu/mmu.js';
import { type RadixMemory, RadixTable } from '../paging/radix-table.js';
import type { RadixScheme } from '../platform.js';
import type { Domain } from './domain.js';

/** Whether an entry of the guest reaches the machine frame that it names, so that it must go when its frame goes. */
const namesMachineFrames = ({ model }: Domain): boolean =>
  model.id === 'p2m' || (model.id === 'direct' && model.secondStage === undefined);

/** P2M has single pages only, shadow the first size above; others map in pages as large as the platform's kernel granule allows. */
const formatFor = ({ model, host }: Domain, { format }: RadixScheme): RadixFormat => {
  const { kernelGranuleBytes, pageBytes } = host.simulation.platform;
  const granule = Math.floor(Math.log2(kernelGranuleBytes / pageBytes) / format.indexBits);
  if (model.tablesHoldMachineFrames) return { ...format, largestLeaf: 0 };
  return { ...format, largestLeaf: Math.min(format.largestLeaf, granule, model.id === 'shadow' ? 1 : Infinity) };
};

/**
 * Builds the mapping of a new domain in frames that its kernel has free, as its loader or early boot does: plain stores, and then,
 * under P2M, the tables read-only and the whole tree handed to the hypervisor. A finding when the frames do not suffice.
 */
export const bootKernelMapping = (domain: Domain, scheme: RadixScheme): KernelMapping | Finding => {
  const { model, name, pv } = domain;
  const pfns = domain.free.copy();
  const tablePfns: Pfn[] = [];
  const memory = bootTables(domain, tablePfns);
  const root = memory.newTable();
  const table = new RadixTable(formatFor(domain, scheme), memory, root);
  const mapped =
    root !== NO_FRAME && runsOf(domain, pfns).every(([pfn, mfn, count]) => table.mapRun(pfn, mfn, count, true));
  if (!mapped) {
    const detail = `${name} has no frame left for the tables of its kernel's own mapping`;
    return { operation: 'build', model: model.id, rule: 'room-for-kernel-tables', detail };
  }
  if (pv !== null) {
    for (const pfn of tablePfns) table.changeLeaf(pfn, 0, EntryFlag.writable);
    domain.builder.charge(Mechanism.populate, Event.pagePin);
    const refusal = pv.pin(model.machineFrame(tablePfns[0]), pv.rootLevel);
    if (refusal !== null) throw new Error(`the mapping of ${name} was refused: ${refusal}`);
  }
  return new KernelMapping(domain, scheme, root, tablePfns);
};

/**
 * The kernel's own mapping of the guest's memory, as the running kernel changes it: radix tables in frames of the guest, page p
 * on guest frame p.
 */
export class KernelMapping implements Checkpointed {
  readonly table: RadixTable;
  #tablePfns: Pfn[];

  /** Takes up tables that are there. */
  constructor(domain: Domain, scheme: RadixScheme, rootFrame: number, tablePfns: readonly Pfn[]) {
    const { tables, name } = domain;
    this.#tablePfns = [...tablePfns];
    const memory: RadixMemory = {
      entriesAt: (frame) => tables.entriesAt(frame),
      newTable: () => {
        if (domain.free.count === 0) return NO_FRAME;
        const { pfn, frame } = tables.newTable(false);
        this.#tablePfns.push(pfn);
        return frame;
      },
      freeTable(frame) {
        throw new Error(`the kernel of ${name} gives back table ${frame} of its own mapping`);
      },
      store: (frame, index, entry) => tables.store(frame, index, entry),
    };
    this.table = new RadixTable(formatFor(domain, scheme), memory, rootFrame);
  }

  /** Guest frames of the tables, root first. */
  get tablePfns(): readonly Pfn[] {
    return this.#tablePfns;
  }

  checkpoint(archive: Archive): void {
    archive.part('table', this.table);
    this.#tablePfns = archive.numbers('tablePfns', this.#tablePfns);
  }
}

/** An update_va_mapping of a P2M kernel: a hypercall of its own, or a call of the multicall that is being put together. */
const chargeUpdate = ({ account, kernelCalls }: Domain): void => {
  account.charge(Mechanism.populate, Event.vaMappingUpdate);
  if (kernelCalls === null) account.charge(Mechanism.populate, Event.hypercall);
  else kernelCalls.updates += 1;
};

/**
 * The updates of the kernel's own mapping that are made meanwhile go out together: as one multicall, or as a hypercall when there is one
 * only. Nothing for a kernel that needs no hypercall for them.
 */
export const inMulticall = <Result>(domain: Domain, work: () => Result): Result => {
  const calls = { updates: 0 };
  domain.kernelCalls = calls;
  const result = work();
  domain.kernelCalls = null;
  if (calls.updates > 0) {
    domain.account.charge(Mechanism.populate, calls.updates > 1 ? Event.multicall : Event.hypercall);
  }
  return result;
};

/**
 * The kernel gives up its own mapping of a frame that is about to leave, where it names machine frames, and flushes the page. False where
 * the frame is part of a large page, and the kernel has no free frame for the table that has to stand there instead.
 */
export const clearKernelPage = (domain: Domain, pfn: Pfn): boolean => {
  const { pv, mmu, model, kernelMapping } = domain;
  if (pv !== null) {
    const mfn = model.machineFrame(pfn);
    if (pv.kernelReferences(mfn) === 0) return true;
    chargeUpdate(domain);
    pv.mapKernelPage(mfn, 'absent');
    return true;
  }
  const isGone = kernelMapping === null || !namesMachineFrames(domain) || kernelMapping.table.unmap(pfn, 0);
  if (isGone) mmu.purge(Region.kernel, pfn, Mechanism.populate);
  return isGone;
};

/** The kernel maps a frame that came back or is new, where it has no mapping of it. */
export const mapKernelPage = (domain: Domain, pfn: Pfn): void => {
  const { pv, model, kernelMapping } = domain;
  if (pv !== null) {
    chargeUpdate(domain);
    pv.mapKernelPage(model.machineFrame(pfn), 'writable');
  } else if (kernelMapping !== null && kernelMapping.table.leafLevel(pfn) < 0) {
    kernelMapping.table.map(pfn, pfn, 0, true);
  }
};

/** The place of the entry that maps a single page: the machine frame of its table, and the index; null without a table. */
export const placeOf = (domain: Domain, { table }: KernelMapping, pfn: Pfn): { table: Mfn; index: number } | null => {
  const { format } = table;
  let frame = table.rootFrame;
  for (let level = format.levels - 1; level > 0; level -= 1) {
    const entry = domain.tables.entriesAt(frame)![indexAt(format, pfn, level)];
    if (entry === 0) return null;
    frame = entryFrame(entry);
  }
  return { table: domain.model.frameBehindEntry(frame), index: indexAt(format, pfn, 0) };
};

/** Runs of guest frames that are contiguous in guest frames and in what entries name: first of both, and pages. */
const runsOf = ({ model }: Domain, pfns: readonly Pfn[]): [pfn: number, named: number, count: number][] => {
  const runs: [pfn: number, named: number, count: number][] = [];
  for (const pfn of pfns) {
    const named: number = model.tablesHoldMachineFrames ? model.machineFrame(pfn) : pfn;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[2] === pfn && last[1] + last[2] === named) last[2] += 1;
    else runs.push([pfn, named, 1]);
  }
  return runs;
};

/** Frames for the tables of a kernel that starts: the loader writes them. */
const bootTables = (domain: Domain, pfns: Pfn[]): RadixMemory => {
  const { host, model, builder } = domain;
  const entries = host.simulation.platform.pageBytes / 8;
  const behind = (frame: number): Uint32Array => host.tables.get(model.frameBehindEntry(frame))!;
  return {
    entriesAt: behind,
    newTable() {
      const pfn = domain.free.take();
      if (pfn === null) return NO_FRAME;
      if (model.overcommit !== undefined && model.overcommit.settle(pfn) !== null) return NO_FRAME;
      pfns.push(pfn);
      host.tables.make(model.machineFrame(pfn), entries);
      domain.writtenFor(pfn);
      return model.tablesHoldMachineFrames ? model.machineFrame(pfn) : pfn;
    },
    freeTable(frame) {
      throw new Error(`the loader of ${domain.name} gives back table ${frame}`);
    },
    store(frame, index, entry) {
      behind(frame)[index] = entry;
      builder.charge(Mechanism.populate, Event.pteStore);
    },
  };
};
