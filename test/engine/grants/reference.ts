/** A grant as the reference sees it: who gave what to whom. `through` is the grant that was passed on. */
export interface ReferenceGrant {
  readonly granter: ReferenceDomain;
  readonly reference: number;
  readonly kind: 'access' | 'passed on' | 'waiting';
  readonly to: ReferenceDomain;
  readonly access: 'read' | 'write';
  readonly pfn: number;
  readonly through: ReferenceGrant | null;
  mappings: number;
  live: boolean;
  filled: boolean;
}

/** A domain as maps and sets: contents by guest frame, and the places without memory. */
export interface ReferenceDomain {
  readonly number: number;
  readonly flips: boolean;
  readonly contents: Map<number, number>;
  readonly ballooned: Set<number>;
}

type Verdict = 'granted' | 'refused';

const verdict = (granted: boolean): Verdict => (granted ? 'granted' : 'refused');

/** Whether this caller may map the grant so. Slow and plain: no frames, no tables, no counts of pins. */
export const mayMap = (grant: ReferenceGrant, mapper: ReferenceDomain, writable: boolean): Verdict =>
  verdict(grant.live && grant.kind === 'access' && grant.to === mapper && (!writable || grant.access === 'write'));

/** The page that a copy by this caller reaches through the grant, or null. */
export const pageBehind = (
  grant: ReferenceGrant,
  caller: ReferenceDomain,
  writable: boolean,
): { domain: ReferenceDomain; pfn: number } | null => {
  if (!grant.live || grant.to !== caller || (writable && grant.access === 'read')) return null;
  if (grant.kind === 'access') return { domain: grant.granter, pfn: grant.pfn };
  if (grant.kind === 'waiting' || grant.through === null) return null;
  return grant.through.kind === 'access' ? pageBehind(grant.through, grant.granter, writable) : null;
};

/** Whether a frame of this sender can land by the grant. */
export const mayLand = (grant: ReferenceGrant, sender: ReferenceDomain): Verdict =>
  verdict(
    grant.live &&
      grant.kind === 'waiting' &&
      !grant.filled &&
      grant.to === sender &&
      sender.flips &&
      grant.granter.flips &&
      grant.granter.ballooned.has(grant.pfn),
  );
