import type { Domain } from '../domain/domain.js';
import { mapKernelPage } from '../domain/kernel-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import type { Host } from '../host/host.js';
import type { HypervisorUse } from '../host/hypervisor-memory.js';
import type { Account } from '../host/ledger.js';
import { perFrameTablePages } from '../host/per-frame-tables.js';
import { nodeCount } from '../numa/topology.js';
import type { BankLayout, PerFrameTable } from '../platform.js';

export interface PluggedBank {
  /** Pages that the tables about the new frames took, at the start of the range. */
  readonly metadataPages: number;
  /** Pages that the heap got. */
  readonly heapPages: number;
}

/**
 * Plugs a bank of memory in while the host runs: the frame table and the m2p grow by what describes it, taken from the
 * added range itself (MEM-19), and the heap gets the rest. A domain that owns memory has what it can have of it at once.
 */
export const plugBank = (host: Host, bank: BankLayout, payer: Account): PluggedBank | Finding => {
  const { pageBytes, frameTable, machineToPhysical } = host.simulation.platform;
  const first = bank.start / pageBytes;
  const end = first + bank.size / pageBytes;
  const refuse = (rule: string, detail: string): Finding => ({ operation: 'add memory', model: 'none', rule, detail });
  for (let mfn = first; mfn < end; mfn += 1) {
    if (host.frames.state(asMfn(mfn)) === FrameState.notInstalled) continue;
    return refuse('range-is-empty', `frame ${hex(mfn)} of ${host.name} is ${host.describeOwner(asMfn(mfn))}`);
  }
  const { numa } = host.simulation.platform;
  if (numa !== undefined && (bank.node ?? 0) >= nodeCount(numa.topology)) {
    return refuse('node-is-known', `${host.name} has no node ${bank.node} to plug a bank into`);
  }
  const growth = (table: PerFrameTable | undefined): number => {
    if (table === undefined) return 0;
    const before = perFrameTablePages(table, host.banks, pageBytes);
    return perFrameTablePages(table, [...host.banks, bank], pageBytes) - before;
  };
  const uses: readonly (readonly [HypervisorUse, number])[] = [
    ['frame table', growth(frameTable)],
    ['m2p', growth(machineToPhysical)],
  ];
  const metadataPages = uses.reduce((sum, [, pages]) => sum + pages, 0);
  if (metadataPages >= end - first) {
    return refuse('metadata-fits', `${metadataPages} pages of tables do not fit into a bank of ${end - first} pages`);
  }
  host.setBanks([...host.banks, bank]);
  let at = first;
  for (const [use, pages] of uses) {
    host.hypervisor.keepOfBank(use, asMfn(first), asMfn(at), pages);
    at += pages;
  }
  host.freeReserved(at, end);
  payer.charge(Mechanism.populate, Event.hypercall);
  payer.charge(Mechanism.populate, Event.frameDescribe, end - first);
  payer.charge(Mechanism.populate, Event.pageScrub, end - at);
  if (host.memoryOwner !== null) giveBank(host.memoryOwner.domain, bank);
  return { metadataPages, heapPages: end - at };
};

/**
 * Lets a domain have memory of a bank that was plugged in. P==M: the range appears to it as it is, with holes where frames
 * are not free. Others: what it had ballooned out comes back, as long as the heap has room. Returns the guest frames.
 */
export const giveBank = (domain: Domain, bank: BankLayout): Pfn[] | Finding => {
  const { host, model } = domain;
  const { pageBytes } = host.simulation.platform;
  if (model.repoint !== undefined) {
    const back: Pfn[] = [];
    for (const pfn of domain.balloon.frames) {
      const refusal = domain.balloon.in(pfn);
      if (isFinding(refusal)) return back.length === 0 ? { ...refusal, operation: 'add memory' } : back;
      back.push(pfn);
    }
    return back;
  }
  const pfns = host.spareWithin(domain, bank.start / pageBytes, (bank.start + bank.size) / pageBytes).map(asPfn);
  const refusal = model.populateFrames(pfns);
  if (refusal !== null) return { ...refusal, operation: 'add memory' };
  for (const pfn of pfns) {
    mapKernelPage(domain, pfn);
    domain.free.giveBack(pfn);
  }
  return pfns;
};
