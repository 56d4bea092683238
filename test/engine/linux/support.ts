import {
  type Domain,
  type EventCosts,
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
import { KernelSpace } from '../../../engine/linux/kernel-space.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { radixScheme } from '../../../validation/predictions/counts-only-platform.js';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { nativeOps } from '../../../engine/linux/native-ops.js';
import { shadowOps } from '../../../engine/linux/shadow-ops.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { domainOn, hashScheme, platformOf } from '../support.js';

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

const X86_BYTES = 4096;

/**
 * The kernel of a domain. Where the platform of a test has pages of x86 and no walker, its tables have twins with a kernel space beside them, or
 * nobody looks into them. Out of a checkpoint it takes and loads nothing.
 */
export const kernelIn = (domain: Domain, restored = false): LinuxKernel => {
  const { scheme, pageBytes } = domain.host.simulation.platform;
  if (scheme.kind !== 'vhpt' || pageBytes !== X86_BYTES) return startLinux(domain, { restored });
  const ops =
    domain.model.id === 'shadow' ? shadowOps(domain, new KernelSpace(domain, restored), restored) : nativeOps(domain);
  return new LinuxKernel(domain, ops, { twoRoots: false, restored });
};

const machineOf = (platform: Platform, model: ModelId, pages: number, options: ModelOptions = {}): Machine => {
  const host = new Host('host', new Simulation({ ...platform, grants: XEN_4_17 }, 'linux'));
  const domain = domainOn(host, 'domain', model, pages, options);
  const kernel = kernelIn(domain);
  let before = new Map<EventName, number>();
  return {
    domain,
    memory: domain.pv,
    kernel,
    freeAtStart: domain.free.count,
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

/** What a small x86 host is built for; `walked` has twins behind an MMU, `shadow` those that the real one's counts are scored with. */
export type X86Machine = 'p2m' | 'insert' | 'shadow' | 'nested' | 'walked shadow';

/** A domain with a Linux kernel in it, on a small x86 host: under P2M, or translated. Nothing takes time but what has a cost in nanoseconds. */
export const linuxOn = (machine: X86Machine, pages = 20_000, costs: EventCosts = {}): Machine => {
  const model = machine === 'walked shadow' ? 'shadow' : machine;
  const pageBytes = X86_BYTES;
  const banks = [{ start: 0, size: pageBytes * (pages + 64 + (model === 'shadow' || model === 'nested' ? 1000 : 0)) }];
  const pagingPool = { pagesAVcpu: 256, pagesAMebibyte: { nested: 1, shadow: 2 }, pagesADomain: 0, multipleOf: 1 };
  const kernelGranuleBytes = pageBytes * 512;
  const scheme = machine === 'insert' || machine === 'shadow' ? {} : { scheme: radixScheme(X86_64) };
  const own = { ...scheme, pageBytes, banks, kernelGranuleBytes, pagingPool };
  const platform = platformOf([]);
  return machineOf({ ...platform, ...own, costs: { ...platform.costs, ...costs } }, model, pages);
};

/** The same on a small ia64 host, where every model has its programs' accesses go by a TLB and a VHPT. */
export const linuxOnIa64 = (model: ModelId, pages: number, options: ModelOptions = {}): Machine =>
  machineOf(platformOf([[0, pages + 64]]), model, pages, options);

/** The same on a small ppc64 host. */
export const linuxOnPpc64 = (pages: number): Machine => {
  const pageBytes = 4096;
  const banks = [{ start: 0, size: pageBytes * (pages + 256) }];
  const platform = { ...platformOf([]), pageBytes, banks, kernelGranuleBytes: 16 * pageBytes, scheme: hashScheme() };
  return machineOf(platform, 'insert', pages);
};
