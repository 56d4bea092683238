import {
  type Domain,
  type EventCosts,
  type EventName,
  Host,
  type ModelId,
  Simulation,
  buildDomain,
  isFinding,
} from '../../engine/index.js';
import { XEN_4_17_X86_PV } from '../../engine/grants/rules.js';
import { KernelSpace } from '../../engine/linux/kernel-space.js';
import { LinuxKernel } from '../../engine/linux/kernel.js';
import { nativeOps } from '../../engine/linux/native-ops.js';
import type { PagingOps } from '../../engine/linux/paging-ops.js';
import { shadowOps } from '../../engine/linux/shadow-ops.js';
import { walkedOps } from '../../engine/linux/walked-ops.js';
import { xenOps } from '../../engine/linux/xen-ops.js';
import { X86_64 } from '../../engine/paging/format.js';
import {
  PAGE_BYTES,
  XEN_PAGING_POOL,
  countsOnlyPlatform,
  radixScheme,
  vhptScheme,
  zeroCosts,
} from '../predictions/counts-only-platform.js';
import type { PvMemory } from '../../engine/x86/pv-memory.js';

/**
 * A domain0 with a Linux kernel, on an x86-64 host where nothing takes time unless a scene says what does. The recorded kernels took a fault for each page
 * under every model, so they had no transparent large pages.
 */
export interface LinuxMachine {
  readonly host: Host;
  readonly domain: Domain;
  readonly kernel: LinuxKernel;
  /** What the hypervisor keeps of the page tables; null where it does not look into them. */
  readonly memory: PvMemory | null;
  /** How often an event was counted in a phase. */
  readonly count: (event: EventName, phase: string) => number;
}

const opsOf = (domain: Domain): PagingOps => {
  if (domain.model.id === 'shadow') return shadowOps(domain, new KernelSpace(domain));
  return domain.model.id === 'nested' ? walkedOps(domain) : nativeOps(domain);
};

/** `costs` are in nanoseconds; events that are left out take no time. */
export const linuxMachine = (model: ModelId, pages: number, costs: EventCosts = {}): LinuxMachine => {
  const banks = [{ start: 0, size: 2 * pages * PAGE_BYTES }];
  const scheme = model === 'p2m' || model === 'nested' ? radixScheme(X86_64) : vhptScheme(64);
  const simulation = new Simulation(
    countsOnlyPlatform({
      id: 'x86-64 for counts',
      banks,
      scheme,
      grants: XEN_4_17_X86_PV,
      pagingPool: XEN_PAGING_POOL,
      iommuTables: 'healed',
      costs: zeroCosts(costs),
    }),
    'linux',
  );
  const host = new Host('host', simulation);
  const builder = simulation.ledger.account('builder');
  const domain = buildDomain(host, { name: 'domain0', model, builder }, pages);
  if (isFinding(domain)) throw new Error(domain.detail);
  const memory = domain.pv;
  const ops = memory === null ? opsOf(domain) : xenOps(domain, memory);
  return {
    host,
    domain,
    memory,
    kernel: new LinuxKernel(domain, ops, { twoRoots: model === 'p2m', hugePages: false }),
    count: (event, phase) => domain.account.count(event, phase),
  };
};
