import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';

/** Why the hypervisor neither saves nor moves any domain, nor logs its writes, or null where it does. */
export const refusesAsImmobile = ({ host, model, name }: Domain, operation: Operation): Finding | null => {
  if (host.boot !== null) return { operation, model: model.id, ...host.boot.immobile };
  if (host.simulation.platform.migration !== false) return null;
  const detail = `the hypervisor of ${host.name} saves and migrates no domain, ${name} neither, and logs no writes`;
  return { operation, model: model.id, rule: 'hypervisor-migrates', detail };
};
