import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';

/** Why the hypervisor neither saves nor moves any domain, nor logs its writes, or null where it does. */
export const refusesAsImmobile = ({ host, model }: Domain, operation: Operation): Finding | null =>
  host.boot === null ? null : { operation, model: model.id, ...host.boot.immobile };
