import type { Domain } from '../domain/domain.js';
import { PPC64_TABLES, hashOps } from './hash-ops.js';
import { IA64_TABLES, ia64Ops } from './ia64-ops.js';
import { LinuxKernel, type LinuxOptions } from './kernel.js';
import { walkedTables } from './mm.js';
import { walkedOps } from './walked-ops.js';
import { xenOps } from './xen-ops.js';

/**
 * A Linux kernel in a domain, that drives page tables as the platform's scheme and the domain's model have it. `hugePages` is a wish: only
 * where an entry can be large does it mean anything.
 * @throws RangeError for a domain of several vCPUs
 */
export const startLinux = (domain: Domain, options: Pick<LinuxOptions, 'hugePages' | 'restored'> = {}): LinuxKernel => {
  const { scheme } = domain.host.simulation.platform;
  if (domain.vcpus > 1) throw new RangeError(`${domain.name} can have one vCPU: its kernel runs one process at a time`);
  if (scheme.kind === 'vhpt')
    return new LinuxKernel(domain, ia64Ops(domain), { ...options, twoRoots: false, shape: IA64_TABLES });
  if (scheme.kind === 'hash')
    return new LinuxKernel(domain, hashOps(domain), { ...options, twoRoots: false, shape: PPC64_TABLES });
  const shape = walkedTables(scheme.format);
  if (domain.pv !== null)
    return new LinuxKernel(domain, xenOps(domain, domain.pv, shape), { ...options, twoRoots: true, shape });
  return new LinuxKernel(domain, walkedOps(domain, shape), { ...options, twoRoots: false, shape });
};
