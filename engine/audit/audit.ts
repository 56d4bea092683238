import type { Host } from '../host/host.js';
import { auditDevices } from './devices.js';
import { auditConservation, auditContents, auditCounts, auditIdentity, auditOwnership } from './frames.js';
import { auditGrants } from './grants.js';
import { auditNodes } from './nodes.js';
import { auditOvercommit } from './overcommit.js';
import { auditSecondStage } from './second-stage.js';
import { auditCoherence, auditReach } from './translations.js';
import { auditTwins } from './twins.js';
import type { Violation } from './violation.js';

export type { Violation } from './violation.js';
export { countReachable } from './translations.js';
export { countExposed } from './devices.js';

/** Walks all state of a host and returns every breach of the rules of the memory models that it finds. */
export const audit = (host: Host): Violation[] => [
  ...auditOwnership(host),
  ...auditIdentity(host),
  ...auditReach(host),
  ...auditSecondStage(host),
  ...auditTwins(host),
  ...auditCounts(host),
  ...auditGrants(host),
  ...auditDevices(host),
  ...auditCoherence(host),
  ...auditContents(host),
  ...auditConservation(host),
  ...auditOvercommit(host),
  ...auditNodes(host),
];
