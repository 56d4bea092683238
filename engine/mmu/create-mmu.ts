import type { Domain } from '../domain/domain.js';
import type { TranslationScheme } from '../platform.js';
import type { Mmu } from './mmu.js';
import { HashMmu } from './hash-mmu.js';
import { VhptMmu } from './vhpt-mmu.js';

/** Levels of a program's page table by scheme: Linux/ia64 keeps three for a region, Linux/ppc64 a tree of four beside the hashed table. */
const LEVELS: Readonly<Record<TranslationScheme['kind'], number>> = { vhpt: 3, radix: 4, hash: 4 };

export const levelsOf = (scheme: TranslationScheme): number => LEVELS[scheme.kind];

/** The MMU of a domain, by the platform's scheme of translation. */
export const createMmu = (domain: Domain): Mmu => {
  const { scheme } = domain.host.simulation.platform;
  if (scheme.kind === 'radix') throw new Error('no MMU walks radix tables yet');
  return scheme.kind === 'vhpt' ? new VhptMmu(domain, scheme) : new HashMmu(domain, scheme);
};
