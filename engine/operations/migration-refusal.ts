import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { refusesLogDirty } from './log-dirty.js';
import type { MigrationRequest } from './migration.js';
import { refusesAsTied } from './tied-to-host.js';

/** What stands in the way of a migration before anything of it is done, or null. */
export const refusesMigration = ({ guest, control, targetControl }: MigrationRequest): Finding | null => {
  const target = targetControl.host;
  const refusal = ({ model }: Domain, rule: string, detail: string): Finding => ({
    operation: 'migrate',
    model: model.id,
    rule,
    detail,
  });
  if (target === guest.host) return refusal(guest, 'another-host', `${guest.name} is on ${target.name} already`);
  if (guest.host.simulation.moves.isMoving(guest))
    return refusal(guest, 'one-move-at-a-time', `${guest.name} is on its way already`);
  const tied = refusesAsTied(guest, 'migrate');
  if (tied !== null) return tied;
  const { platform } = guest.host.simulation;
  if (guest.model.id === 'p2m' && platform.shadowPaging === false) {
    const detail = `the hypervisor of ${guest.host.name} is built without shadow paging and cannot log what ${guest.name} writes`;
    return refusal(guest, 'shadow-paging-built-in', detail);
  }
  const buffers = platform.socketBufferPages;
  for (const domain of [control, targetControl]) {
    if (domain.free.count >= buffers) continue;
    const detail = `${domain.name} has ${domain.free.count} free frames for ${buffers} socket buffers`;
    return refusal(domain, 'frames-for-socket', detail);
  }
  const unseen = refusesLogDirty(guest);
  if (unseen !== null) return { ...unseen, operation: 'migrate' };
  return guest.model.refusesMove({
    name: target.name,
    isFree: (mfn) => target.heap.isFree(mfn),
    describeOwner: (mfn) => target.describeOwner(mfn),
  });
};
