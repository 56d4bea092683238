import {
  type Domain,
  type EventName,
  Host,
  type ModelId,
  type Platform,
  Simulation,
  type Violation,
  audit,
} from '../../../engine/index.js';
import { PvMemory } from '../../../engine/x86/pv-memory.js';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { nativeOps } from '../../../engine/linux/native-ops.js';
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

/** A domain with a Linux kernel in it, on a small x86 host: under P2M, or translated. */
export const linuxOn = (model: ModelId, pages = 20_000): Machine => {
  const platform: Platform = {
    ...platformOf([]),
    pageBytes: 4096,
    banks: [{ start: 0, size: 4096 * (pages + 64) }],
  };
  const host = new Host('host', new Simulation({ ...platform, kernelGranuleBytes: 4096 * 512 }, 'linux'));
  const domain = domainOn(host, 'domain', model, pages);
  const memory = model === 'p2m' ? new PvMemory(domain) : null;
  const ops = memory === null ? nativeOps(domain) : xenOps(domain, memory);
  const kernel = new LinuxKernel(domain, ops, { twoRoots: model === 'p2m' });
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
