import { entryFrame, isPresent } from '../host/entry.js';
import type { TableLevel } from '../x86/pv-memory.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, findEntry, pagesOfLevel } from './mm.js';
import { isCached } from './page-fault.js';
import type { Vma } from './vma.js';

/** Pages that Linux gathers before it has to flush: 8 on the stack, then 19 batches of 510 (mm/mmu_gather.c). */
const GATHERED_PAGES = 8 + 19 * 510;
/** Above this many pages x86 flushes the whole TLB (tlb_single_page_flush_ceiling). */
const SINGLE_FLUSH_CEILING = 33;

/** Adds an area, in its place by address. */
export const mapArea = (mm: Mm, vma: Vma): void => {
  const at = mm.vmas.findIndex(({ firstPage }) => firstPage > vma.firstPage);
  mm.vmas.splice(at < 0 ? mm.vmas.length : at, 0, vma);
};

/** Unmaps a whole area of a live address space: its entries one by one, then the tables that nothing else uses. */
export const unmapArea = (kernel: LinuxKernel, mm: Mm, vma: Vma): void => {
  const { ops } = kernel;
  let gathered = 0;
  let flushFrom = vma.firstPage;
  const flushTo = (page: number): void => {
    const pages = page - flushFrom;
    ops.flush(pages > SINGLE_FLUSH_CEILING ? 'all' : pages);
    flushFrom = page;
    gathered = 0;
  };
  for (let vpn = vma.firstPage; vpn < vma.firstPage + vma.pages; vpn += 1) {
    const place = findEntry(kernel, mm, vpn);
    if (place === null) continue;
    const entry = kernel.entryAt(place);
    if (!isPresent(entry)) continue;
    const frame = kernel.frameOf(entry);
    ops.exchangeLeaf(place, 0);
    kernel.unmapped(frame, isCached(vma, frame));
    gathered += 1;
    if (gathered === GATHERED_PAGES) flushTo(vpn + 1);
  }
  mm.vmas.splice(mm.vmas.indexOf(vma), 1);
  const freedTables = freeTables(kernel, mm, vma);
  if (gathered > 0 || freedTables) flushTo(vma.firstPage + vma.pages);
};

/** Frees the tables of the area's range that no other area reaches into, lowest level first. */
const freeTables = (kernel: LinuxKernel, mm: Mm, { firstPage, pages }: Vma): boolean => {
  const { ops } = kernel;
  let freed = false;
  for (const level of [2, 3, 4] as const) {
    const span = pagesOfLevel(level);
    for (let start = firstPage - (firstPage % span); start < firstPage + pages; start += span) {
      if (mm.vmas.some((other) => other.firstPage < start + span && other.firstPage + other.pages > start)) continue;
      const place = findEntry(kernel, mm, start, level);
      if (place === null || !isPresent(kernel.entryAt(place))) continue;
      const child = kernel.behind(entryFrame(kernel.entryAt(place)));
      ops.setBranch(mm, place, 0);
      ops.tableRemoved(mm, child, (level - 1) as TableLevel);
      kernel.freeTable(child);
      freed = true;
    }
  }
  return freed;
};
