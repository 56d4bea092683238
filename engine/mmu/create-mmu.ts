import type { Domain } from '../domain/domain.js';
import type { TranslationScheme } from '../platform.js';
import type { Mmu } from './mmu.js';
import { VhptMmu } from './vhpt-mmu.js';

/** Levels of a program's page table by scheme; Linux/ia64 keeps three for a region. */
const LEVELS: Readonly<Record<TranslationScheme['kind'], number>> = { vhpt: 3 };

export const levelsOf = (scheme: TranslationScheme): number => LEVELS[scheme.kind];

/** The MMU of a domain, by the platform's scheme of translation. */
export const createMmu = (domain: Domain): Mmu => new VhptMmu(domain, domain.host.simulation.platform.scheme);
