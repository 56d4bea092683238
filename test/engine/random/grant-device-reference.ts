import type { Believed } from '../linux/programs-reference.js';
import { type Grants, dropPages, retire } from './grant-reference.js';
import type { Guest } from './world.js';

const programsOf = ({ linux }: Guest): ReadonlySet<Believed> => new Set(linux?.believed.values());

/** A kernel ends grants of programs that are gone, where nobody maps them. */
export const endLeft = (grants: Grants, guest: Guest): void => {
  const programs = programsOf(guest);
  const ended = grants.all.filter(
    ({ granter, program, mappings }) =>
      granter === guest && program !== null && !programs.has(program.believed) && mappings === 0,
  );
  for (const grant of ended) retire(grants, grant);
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
