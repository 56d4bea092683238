import type { Believed } from '../linux/programs-reference.js';
import { type Grants, type ReferenceGrant, retire } from './grant-reference.js';
import type { Guest } from './world.js';

/** Granted pages that a program has mapped by gntdev; null where it unmapped one since. */
export interface DeviceMapping {
  readonly guest: Guest;
  readonly believed: Believed;
  readonly firstPage: number;
  readonly pages: (ReferenceGrant | null)[];
}

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

const programsOf = ({ linux }: Guest): ReadonlySet<Believed> => new Set(linux?.believed.values());

/** A kernel ends grants of programs that are gone, where nobody maps them. */
export const endLeft = (grants: Grants, guest: Guest): void => {
  const programs = programsOf(guest);
  for (const grant of [...grants.all]) {
    const { granter, program, mappings } = grant;
    if (granter === guest && program !== null && !programs.has(program.believed) && mappings === 0)
      retire(grants, grant);
  }
};

/** What follows where one of the programs of a guest has exited or become another: it has left its areas. */
export const followPrograms = (grants: Grants, guest: Guest, work: () => void): void => {
  const before = programsOf(guest);
  work();
  const now = programsOf(guest);
  const left = [...before].filter((each) => !now.has(each));
  for (const area of grants.byDevice.filter(({ believed }) => left.includes(believed)))
    dropPages(grants, area, 0, area.pages.length);
  if (left.length > 0) endLeft(grants, guest);
};

/** Others wrote a page that a program granted: the program reads it so, where it still has the page. */
export const programsSee = (grants: Grants, granter: Guest, pfn: number, stamp: number): void => {
  for (const { granter: of, pfn: each, program } of grants.all) {
    if (of === granter && each === pfn) program?.believed.changed(program.page, pfn, stamp);
  }
};
