import {
  type Domain,
  type EventName,
  Host,
  type ModelId,
  type ModelOptions,
  type Platform,
  Simulation,
  type Violation,
  audit,
} from '../../../engine/index.js';
import type { PvMemory } from '../../../engine/x86/pv-memory.js';
import { IA64_TABLES, ia64Ops } from '../../../engine/linux/ia64-ops.js';
import { KernelSpace } from '../../../engine/linux/kernel-space.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { radixScheme } from '../../../validation/predictions/counts-only-platform.js';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { nativeOps } from '../../../engine/linux/native-ops.js';
import type { PagingOps } from '../../../engine/linux/paging-ops.js';
import { shadowOps } from '../../../engine/linux/shadow-ops.js';
import { walkedOps } from '../../../engine/linux/walked-ops.js';
import { xenOps } from '../../../engine/linux/xen-ops.js';
import { domainOn, platformOf } from '../support.js';

export interface Machine {
  readonly domain: Domain;
  readonly kernel: LinuxKernel;
  /** Frames that the kernel had free when it was up. */
  readonly freeAtStart: number;
  /** Null where no hypervisor checks page tables. */
  readonly memory: PvMemory | null;
  /** Counts since the last call. */
  counts(): Partial<Record<EventName, number>>;
  violations(): readonly Violation[];
}

/** How a kernel drives an x86 domain whose tables no hypervisor checks; out of a checkpoint it takes and loads nothing. */
export const translatedOps = (domain: Domain, restored = false): PagingOps => {
  if (domain.model.id === 'shadow') return shadowOps(domain, new KernelSpace(domain, restored), restored);
  return domain.model.id === 'nested' ? walkedOps(domain) : nativeOps(domain);
};

const machineOf = (platform: Platform, model: ModelId, pages: number, options: ModelOptions = {}): Machine => {
  const ia64 = platform.pageBytes > 4096;
  const host = new Host('host', new Simulation(platform, 'linux'));
  const domain = domainOn(host, 'domain', model, pages, options);
  const memory = domain.pv;
  const x86Ops = memory === null ? translatedOps(domain) : xenOps(domain, memory);
  const kernel = ia64
    ? new LinuxKernel(domain, ia64Ops(domain), { twoRoots: false, shape: IA64_TABLES })
    : new LinuxKernel(domain, x86Ops, { twoRoots: memory !== null });
  let before = new Map<EventName, number>();
  return {
    domain,
    memory,
    kernel,
    freeAtStart: domain.freeFrames,
    counts() {
      const now = new Map<EventName, number>();
      for (const { event, count } of domain.account.entries()) now.set(event, (now.get(event) ?? 0) + count);
      const difference = Object.fromEntries(
        [...now].map(([event, count]) => [event, count - (before.get(event) ?? 0)]),
      );
      before = now;
      return difference;
    },
    violations: () => audit(host),
  };
};

/** A domain with a Linux kernel in it, on a small x86 host: under P2M, or translated. */
export const linuxOn = (model: ModelId, pages = 20_000): Machine => {
  const pageBytes = 4096;
  const banks = [{ start: 0, size: pageBytes * (pages + 64 + (model === 'shadow' || model === 'nested' ? 1000 : 0)) }];
  const pagingPool = { pagesAVcpu: 256, pagesAMebibyte: { nested: 1, shadow: 2 }, pagesADomain: 0, multipleOf: 1 };
  const kernelGranuleBytes = pageBytes * 512;
  const scheme = model === 'p2m' || model === 'nested' || model === 'shadow' ? { scheme: radixScheme(X86_64) } : {};
  return machineOf({ ...platformOf([]), ...scheme, pageBytes, banks, kernelGranuleBytes, pagingPool }, model, pages);
};

/** The same on a small ia64 host, where every model has its programs' accesses go by a TLB and a VHPT. */
export const linuxOnIa64 = (model: ModelId, pages: number, options: ModelOptions = {}): Machine =>
  machineOf(platformOf([[0, pages + 64]]), model, pages, options);
