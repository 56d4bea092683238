import { Event, Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import { hypercall } from '../domain/interrupts.js';
import type { Domain } from '../domain/domain.js';
import type { LinuxKernel } from './kernel.js';

/** Frames that one memory_op names: a page of frame numbers (Linux 6.1, drivers/xen/balloon.c). */
const FRAMES_A_BATCH = 512;

/**
 * Linux's balloon driver gives pages back, a batch at a time: it takes the frames from its allocator, takes them out of its
 * direct map where that names machine frames, flushes the TLB once, and hands the batch to the hypervisor. Ends with a
 * finding where the hypervisor refuses a frame, or where the kernel has too few free.
 */
export const balloonOut = (kernel: LinuxKernel, pages: number): Finding | null => {
  const { domain, ops } = kernel;
  let left = pages;
  while (left > 0) {
    const count = Math.min(left, FRAMES_A_BATCH);
    if (domain.free.count < count) {
      const detail = `${domain.name} has ${domain.free.count} frames free of the ${left} still to give back`;
      return { operation: 'balloon out', model: domain.model.id, rule: 'free-frames', detail };
    }
    const batch: Pfn[] = Array.from({ length: count }, () => kernel.takeFrame());
    for (const pfn of batch) ops.mapKernelPage(domain.model.machineFrame(pfn), false);
    ops.flushAll(null);
    const refusal = giveUp(domain, batch);
    if (refusal !== null) {
      const { finding, index } = refusal;
      for (const kept of batch.slice(index)) ops.mapKernelPage(domain.model.machineFrame(kept), true);
      for (const kept of batch.slice(index + 1)) domain.free.giveBack(kept);
      return finding;
    }
    left -= count;
  }
  return null;
};

/** One memory_op for the batch, which the hypervisor may leave between two frames. Null, or which frame was refused, and why. */
const giveUp = (domain: Domain, batch: readonly Pfn[]): { readonly finding: Finding; readonly index: number } | null =>
  hypercall(
    domain,
    () => domain.account.charge(Mechanism.populate, Event.memoryOperation),
    () => {
      for (const [index, pfn] of batch.entries()) {
        if (index > 0) domain.interrupts?.preemptionPoint();
        const released = domain.balloon.release(pfn, true);
        if (isFinding(released)) return { finding: released, index };
      }
      return null;
    },
  );

/**
 * Linux's balloon driver takes pages back, a batch at a time: it asks for frames at guest frames that it had given up, and
 * maps each in its direct map where that names machine frames. Ends with a finding where the hypervisor has none.
 */
export const balloonIn = (kernel: LinuxKernel, pages: number): Finding | null => {
  const { domain, ops } = kernel;
  const wanted = domain.balloon.frames.slice(0, pages);
  for (let first = 0; first < wanted.length; first += FRAMES_A_BATCH) {
    domain.account.charge(Mechanism.populate, Event.memoryOperation);
    for (const pfn of wanted.slice(first, first + FRAMES_A_BATCH)) {
      const refusal = domain.balloon.in(pfn, true);
      if (refusal !== null) return refusal;
      ops.mapKernelPage(domain.model.machineFrame(pfn), true);
    }
  }
  return null;
};
