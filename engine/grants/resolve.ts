import type { Domain } from '../domain/domain.js';
import type { Finding, Operation } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { FrameType } from '../host/frame-table.js';
import { NO_FRAME, type Mfn, hex } from '../host/frame-number.js';
import { GrantType } from './entry-layout.js';
import { grantTableOf } from './grant-table.js';

/** A page that another domain granted. */
export interface GrantedPage {
  readonly granter: Domain;
  readonly reference: number;
}

/** What a caller wants of a granted page. */
export interface Wanted extends GrantedPage {
  readonly writable: boolean;
  /** A copy may follow a grant that was passed on. */
  readonly passedOn: boolean;
  readonly operation: Operation;
}

export const refuse = (caller: Domain, operation: Operation, rule: string, detail: string): Finding => ({
  operation,
  model: caller.model.id,
  rule,
  detail,
});

/**
 * Checks a grant as the hypervisor does before it maps or copies: the entry is there and for this domain, allows what is wanted, and
 * names memory of the granter's own, that is no page table when it is to be written. The machine frame, or why not. A grant that was
 * passed on is followed once, as a grant to the domain that passed it on (`grantee`).
 */
export const resolveGrant = (caller: Domain, wanted: Wanted, grantee: Domain = caller): Mfn | Finding => {
  const { granter, reference, writable, operation } = wanted;
  const { frames } = caller.host;
  caller.account.charge(Mechanism.grants, Event.grantPin);
  const not = (rule: string, why: string): Finding =>
    refuse(caller, operation, rule, `reference ${reference} of ${granter.name} ${why}`);

  const table = grantTableOf(granter);
  const entry = table?.entry(reference);
  if (table === null || entry === undefined || entry.type === GrantType.none) return not('granted', 'grants nothing');
  if (entry.type === GrantType.transfer) return not('granted', 'waits for a frame and grants none');
  if (entry.grantee !== grantee.id) return not('granted-to', `is not for ${grantee.name}`);
  if (writable && entry.readOnly) return not('read-only', 'is read-only');
  if (entry.type === GrantType.transitive) {
    if (!wanted.passedOn) return not('copy-only', 'is passed on, and can only be copied');
    const first = caller.host.domains.get(entry.through);
    if (first === undefined) return not('granted', 'passes on the grant of a domain that is gone');
    return resolveGrant(caller, { ...wanted, granter: first, reference: entry.frame, passedOn: false }, granter);
  }
  const pinned = table.pinnedFrame(reference);
  const absent =
    pinned === NO_FRAME ? granter.model.overcommit?.makeOwn(granter.model.frameFromEntry(entry.frame)) : null;
  if (absent) return { ...absent, operation };
  const mfn = pinned === NO_FRAME ? granter.model.frameBehindEntry(entry.frame) : pinned;
  if (frames.owner(mfn) !== granter.id) {
    return not('own-memory', `names frame ${hex(entry.frame)}, which is not memory of its own`);
  }
  if (writable && frames.typeCount(mfn) > 0 && frames.type(mfn) !== FrameType.writable) {
    return not('one-type', `names frame ${hex(mfn)}, which is a page table`);
  }
  return mfn;
};
