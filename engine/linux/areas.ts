import type { Mm } from './mm.js';
import { type Vma, continues, endOf, partOf } from './vma.js';

/** The area that the page is in. */
export const areaAt = ({ vmas }: Mm, page: number): Vma | undefined =>
  vmas.find((vma) => page >= vma.firstPage && page < endOf(vma));

/** The areas that reach into `from` to `to` − 1, ascending. */
export const areasIn = ({ vmas }: Mm, from: number, to: number): Vma[] =>
  vmas.filter((vma) => vma.firstPage < to && endOf(vma) > from);

/** Adds an area, in its place by address. The range is free. */
export const addArea = ({ vmas }: Mm, vma: Vma): void => {
  const at = vmas.findIndex(({ firstPage }) => firstPage > vma.firstPage);
  vmas.splice(at < 0 ? vmas.length : at, 0, vma);
};

/** Puts another area, or several, in an area's place. */
export const replaceArea = ({ vmas }: Mm, vma: Vma, ...by: readonly Vma[]): void => {
  vmas.splice(vmas.indexOf(vma), 1, ...by);
};

/** Makes an area begin at the page, where one goes across it. */
export const splitAreaAt = (mm: Mm, page: number): void => {
  const vma = areaAt(mm, page);
  if (vma === undefined || vma.firstPage === page) return;
  replaceArea(mm, vma, partOf(vma, vma.firstPage, page), partOf(vma, page, endOf(vma)));
};

/** Joins the areas from just before `from` to just after `to` that go on from each other. */
export const mergeAreas = (mm: Mm, from: number, to: number): void => {
  for (let at = 0; at + 1 < mm.vmas.length;) {
    const vma = mm.vmas[at];
    const next = mm.vmas[at + 1];
    if (next.firstPage < from || endOf(vma) > to || !continues(vma, next)) {
      at += 1;
      continue;
    }
    const hasAnonymous = vma.hasAnonymous || next.hasAnonymous;
    mm.vmas.splice(at, 2, { ...vma, pages: vma.pages + next.pages, hasAnonymous });
  }
};
