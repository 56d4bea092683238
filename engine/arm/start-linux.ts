import type { Domain } from '../domain/domain.js';
import { type Pfn, hex } from '../host/frame-number.js';
import { type BootedMemory, bootLinuxMemory } from '../linux/booted-memory.js';

/**
 * Boots a domain's Linux on Arm as far as a second stage sees it: its grant frame is mapped at this guest frame, outside its memory, and
 * the shared page at one that the kernel has taken (xen_guest_init in arch/arm/xen/enlighten.c of Linux 6.1). The memory that was
 * there stays the domain's, out of its reach.
 */
export const startLinux = (domain: Domain, grantFrame: Pfn, memory: BootedMemory): void => {
  const places = [
    ['grant table', grantFrame],
    ['shared page', bootLinuxMemory(domain, memory)],
  ] as const;
  for (const [use, pfn] of places) {
    const mfn = domain.host.hypervisor.takeFrame(use, domain.id);
    if (domain.model.mapHypervisorFrame?.(pfn, mfn) !== true) {
      throw new Error(`${domain.name} has no second-stage table to map ${hex(mfn)} at ${hex(pfn)}`);
    }
  }
};
