import type { Domain } from '../../../engine/index.js';
import type { GrantMapping } from '../../../engine/grants/grant-mapping.js';
import type { GrantReferences } from '../../../engine/grants/grant-references.js';
import type { Believed } from '../linux/programs-reference.js';
import type { Guest } from './world.js';

/** A grant as the reference sees it: who gave what to whom. `through` is the grant that was passed on. */
export interface ReferenceGrant {
  readonly granter: Guest;
  readonly reference: number;
  readonly kind: 'access' | 'passed on' | 'waiting';
  to: Domain;
  readonly access: 'read' | 'write';
  readonly pfn: number;
  readonly through: ReferenceGrant | null;
  /** The program that granted it by gntalloc, and the page it had it at. */
  readonly program: { readonly believed: Believed; readonly page: number } | null;
  mappings: number;
  live: boolean;
  filled: boolean;
}

/** Granted pages that a domain has mapped. */
export interface MappedGrants {
  readonly mapper: Guest;
  readonly grants: readonly ReferenceGrant[];
  mapping: GrantMapping;
  readonly writable: boolean;
  readonly slot: number;
}

/** Granted pages that a program has mapped by gntdev; null where it unmapped one since. */
export interface DeviceMapping {
  readonly guest: Guest;
  readonly believed: Believed;
  readonly firstPage: number;
  readonly pages: (ReferenceGrant | null)[];
}

/** Grants among the domains of a world, and what is mapped by them. */
export interface Grants {
  readonly kernels: Map<Domain, GrantReferences>;
  readonly all: ReferenceGrant[];
  readonly mapped: MappedGrants[];
  readonly byDevice: DeviceMapping[];
}

/** Whether frames of a domain can change their owner. */
const flips = ({ domain }: Guest): boolean => domain.model.id === 'p2m' || domain.model.id === 'insert';

/** Whether this caller may map the grant so. Slow and plain: no frames, no tables, no counts of pins. */
export const mayMap = (grant: ReferenceGrant, mapper: Guest, writable: boolean): boolean =>
  grant.live && grant.kind === 'access' && grant.to === mapper.domain && (!writable || grant.access === 'write');

/** The page that a copy by this caller reaches through the grant, or null. */
export const pageBehind = (
  grant: ReferenceGrant,
  caller: Domain,
  writable: boolean,
): { readonly guest: Guest; readonly pfn: number } | null => {
  if (!grant.live || grant.to !== caller || (writable && grant.access === 'read')) return null;
  if (grant.kind === 'access') return { guest: grant.granter, pfn: grant.pfn };
  if (grant.kind === 'waiting' || grant.through === null) return null;
  return grant.through.kind === 'access' ? pageBehind(grant.through, grant.granter.domain, writable) : null;
};

/** Whether a frame of this sender can land by the grant. */
export const mayLand = (grant: ReferenceGrant, sender: Guest): boolean =>
  grant.live &&
  grant.kind === 'waiting' &&
  !grant.filled &&
  grant.to === sender.domain &&
  flips(sender) &&
  flips(grant.granter) &&
  grant.granter.reference.ballooned.has(grant.pfn);

/** A mapping is over, with the references that it held. */
const dropMapping = (grants: Grants, mapped: MappedGrants): void => {
  for (const each of mapped.grants) {
    each.mappings -= 1;
    each.granter.reference.lend(each.pfn, -1);
  }
  grants.mapped.splice(grants.mapped.indexOf(mapped), 1);
};

/** The mapper takes its mapping away. */
export const unmapGranted = (grants: Grants, mapped: MappedGrants): void => {
  mapped.mapping.unmap();
  dropMapping(grants, mapped);
};

/** The grant is taken back, or its granter is gone. */
export const retire = (grants: Grants, grant: ReferenceGrant): void => {
  grant.live = false;
  grants.all.splice(grants.all.indexOf(grant), 1);
};

/** Pages `from` to `to` − 1 of an area are mapped no more. */
export const dropPages = (grants: Grants, area: DeviceMapping, from: number, to: number): void => {
  area.pages.forEach((grant, index) => {
    if (grant === null || index < from || index >= to) return;
    grant.mappings -= 1;
    grant.granter.reference.lend(grant.pfn, -1);
    area.pages[index] = null;
  });
  if (area.pages.every((grant) => grant === null)) grants.byDevice.splice(grants.byDevice.indexOf(area), 1);
};

/** A domain has nothing mapped any more. */
export const leaveMappings = (grants: Grants, guest: Guest): void => {
  for (const mapped of grants.mapped.filter(({ mapper }) => mapper === guest)) dropMapping(grants, mapped);
  for (const area of grants.byDevice.filter((each) => each.guest === guest))
    dropPages(grants, area, 0, area.pages.length);
};

/** A domain is gone: with it its mappings and its grants, and those to it are to nobody. */
export const leaveGrants = (grants: Grants, guest: Guest, domain: Domain): void => {
  leaveMappings(grants, guest);
  for (const grant of grants.all.filter(({ granter }) => granter === guest)) retire(grants, grant);
  grants.kernels.delete(domain);
};
