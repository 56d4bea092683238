import type { Host } from '../host/host.js';
import { auditShadow } from '../shadow/audit-shadow.js';
import type { Violation } from './violation.js';

/** Rules 3, 4 and 5 for the twins of guest tables: they give what tables and p2m give, and nothing writes to a table unseen. */
export const auditTwins = (host: Host): Violation[] =>
  [...host.domains.values()].flatMap(({ name, model }) =>
    model.shadow === undefined
      ? []
      : auditShadow(model.shadow).map((detail): Violation => ({ rule: 'twins', detail: `${name}: ${detail}` })),
  );
