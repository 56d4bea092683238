import type { Domain } from '../domain/domain.js';
import type { RadixScheme, TranslationScheme } from '../platform.js';
import type { Mmu } from './mmu.js';
import { HashMmu } from './hash-mmu.js';
import { LoggedMmu } from './logged-mmu.js';
import { NestedMmu } from './nested-mmu.js';
import { RadixMmu } from './radix-mmu.js';
import { canShadow } from '../shadow/twin-kind.js';
import { ShadowMmu } from './shadow-mmu.js';
import { VcpusMmu } from './vcpus-mmu.js';
import { VhptMmu } from './vhpt-mmu.js';

/** Levels of a program's page table by scheme: Linux/ia64 keeps three for a region, Linux/ppc64 a tree of four beside the hashed table. */
const LEVELS = { vhpt: 3, hash: 4 } as const;

export const levelsOf = (scheme: TranslationScheme): number =>
  scheme.kind === 'radix' ? scheme.format.levels : LEVELS[scheme.kind];

/** The MMU of a domain, by the platform's scheme of translation. */
export const createMmu = (domain: Domain): Mmu => {
  const { scheme, pageBytes } = domain.host.simulation.platform;
  if (domain.vcpus > 1 && scheme.kind !== 'radix')
    throw new RangeError(`${domain.name} can have one vCPU: several need an MMU of radix tables`);
  if (scheme.kind === 'vhpt') return new VhptMmu(domain, scheme);
  if (scheme.kind === 'hash') return new HashMmu(domain, scheme);
  if (2 ** scheme.format.indexBits * 8 !== pageBytes) throw new RangeError('a table of this format is not a page');
  if (domain.vcpus > 1 && domain.model.id === 'shadow')
    throw new RangeError(`${domain.name} can have one vCPU: twins of tables are kept for one`);
  if (domain.vcpus === 1) return radixMmu(domain, scheme);
  const vcpus = Array.from({ length: domain.vcpus }, () => radixMmu(domain, scheme));
  return new VcpusMmu(domain, vcpus, scheme.broadcastsFlushes);
};

const radixMmu = (domain: Domain, scheme: RadixScheme): Mmu => {
  const { id, secondStage } = domain.model;
  if (id === 'insert') throw new Error(`${id} has no MMU of radix tables`);
  if (id === 'shadow') return new ShadowMmu(domain, scheme);
  if (id === 'p2m' && canShadow(scheme)) return new LoggedMmu(domain, scheme);
  return secondStage === undefined ? new RadixMmu(domain, scheme) : new NestedMmu(domain, scheme, secondStage);
};
