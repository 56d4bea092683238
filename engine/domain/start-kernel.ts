import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, hex } from '../host/frame-number.js';
import type { Domain } from './domain.js';
import type { TableLevel } from '../x86/pv-memory.js';
import { KernelMapping, bootKernelMapping } from './kernel-mapping.js';

/**
 * A new kernel starts: it maps the guest's memory, where the MMU walks tables for that, and keeps the p2m under P2M. A finding when that
 * does not fit.
 */
export const startKernel = (domain: Domain): Finding | null => {
  const { scheme } = domain.host.simulation.platform;
  if (scheme.kind === 'radix') {
    const mapping = bootKernelMapping(domain, scheme);
    if (isFinding(mapping)) return mapping;
    domain.kernelMapping = mapping;
  }
  return keepP2m(domain);
};

/** A P2M kernel has the array of its machine frames in memory of its own, as its loader put it there. */
const keepP2m = (domain: Domain): Finding | null => {
  const { guestP2m, pageBytes } = domain.host.simulation.platform;
  if (domain.model.id !== 'p2m' || guestP2m === undefined) return null;
  const entries = (domain.model.ownedFrames().at(-1) ?? -1) + 1;
  const pages = Math.ceil((entries * guestP2m.entryBytes) / pageBytes);
  if (domain.free.count < pages) {
    const detail = `${domain.name} has ${domain.free.count} of the ${pages} frames for the array of its machine frames`;
    return { operation: 'build', model: 'p2m', rule: 'room-for-p2m', detail };
  }
  domain.p2mPfns = Array.from({ length: pages }, () => domain.free.take()!);
  return null;
};

/** Where the tables of a guest are that moved. */
export interface GuestTableRecord {
  /** Pages of its program's page table, the root first; none where it never ran a program. */
  readonly tablePfns: readonly Pfn[];
  /** Pages of the kernel's own mapping of memory, the root first; null where there are no tables for it. */
  readonly kernelTablePfns: readonly Pfn[] | null;
  /** Frames of the array of a P2M guest. */
  readonly p2mPfns: readonly Pfn[];
  /** Tables that the hypervisor validates and holds, with their levels. */
  readonly pinned: readonly (readonly [pfn: Pfn, level: TableLevel])[];
}

/** Takes over the tables of a guest that moved here, which arrived in the same guest frames, and declares them again. */
export const adoptTables = (domain: Domain, record: GuestTableRecord): void => {
  const { tablePfns, kernelTablePfns, p2mPfns, pinned } = record;
  const { model, host, account, pv } = domain;
  const { scheme } = host.simulation.platform;
  const frameOf = (pfn: Pfn): number => (model.tablesHoldMachineFrames ? model.machineFrame(pfn) : pfn);
  domain.p2mPfns = p2mPfns;
  if (kernelTablePfns !== null && scheme.kind === 'radix') {
    domain.kernelMapping = new KernelMapping(domain, scheme, frameOf(kernelTablePfns[0]), kernelTablePfns);
  }
  if (tablePfns.length > 0) domain.pageTable.adopt(frameOf(tablePfns[0]), tablePfns);
  const refused = (pfn: Pfn): Error =>
    new Error(`page-table page ${hex(pfn)} of ${domain.name} is still mapped writable`);
  if (pv === null) {
    for (const pfn of tablePfns) if (!model.declareTable(pfn)) throw refused(pfn);
    return;
  }
  for (const [pfn, level] of pinned) {
    account.charge(Mechanism.work, Event.pagePin);
    if (pv.pin(model.machineFrame(pfn), level) !== null) throw refused(pfn);
  }
};
