import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';
import { heldByOthers } from './destroy.js';

/**
 * What ties a guest to the host that it is on, or null: frames of others that it maps, frames of its own that others have, processes,
 * devices. None of that goes with it, to another host or to disk.
 */
export const refusesAsTied = (guest: Domain, operation: Operation): Finding | null => {
  const { host, model, name, foreign, processes } = guest;
  const refusal = (rule: string, detail: string): Finding => ({ operation, model: model.id, rule, detail });
  if (foreign.size > 0) {
    return refusal('maps-no-others', `${name} maps ${foreign.size} frames of other domains, which stay behind`);
  }
  const held = heldByOthers(guest, operation);
  if (held !== null) return held;
  if (processes !== null) {
    return refusal('no-processes', `${name} runs processes, and what its kernel keeps of them stays behind`);
  }
  const [device] = host.dma.devicesOf(guest);
  if (device === undefined) return null;
  return refusal('no-device-assigned', `${name} drives ${device.name}, which stays behind`);
};
