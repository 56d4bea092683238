import { areaAt, areasIn, replaceArea } from './areas.js';
import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';
import type { Vma } from './vma.js';

/** What a stack may have: Linux's default limit. */
const LIMIT_BYTES = 8 * 2 ** 20;
/** Pages that stay free below a stack (Linux: stack_guard_gap). */
const GUARD_PAGES = 256;

/** Makes the stack above the page reach down to it: the larger area, or null where the page is no stack's to take. */
export const growStack = (kernel: LinuxKernel, mm: Mm, vpn: number): Vma | null => {
  const above = mm.vmas.find(({ firstPage }) => firstPage > vpn);
  if (above === undefined || !above.growsDown || areaAt(mm, vpn) !== undefined) return null;
  const grown = { ...above, firstPage: vpn, pages: above.pages + above.firstPage - vpn };
  if (grown.pages * kernel.pageBytes > LIMIT_BYTES || areasIn(mm, vpn - GUARD_PAGES, vpn).length > 0) return null;
  replaceArea(mm, above, grown);
  return grown;
};
