import { entryFrame, isPresent } from '../host/entry.js';
import type { TableLevel } from '../x86/pv-memory.js';
import { addArea, areasIn, mergeAreas, replaceArea, splitAreaAt } from './areas.js';
import { keepGrantsWithin, unmapGrantsWithin } from './grant-areas.js';
import { clearHuge, forEachHuge, splitHugeAt } from './huge-page.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, findEntry, forEachTable, pagesOfLevel } from './mm.js';
import { TlbGather } from './tlb-gather.js';
import { type AreaRequest, type Vma, endOf, newArea } from './vma.js';

/** Maps an area where it is asked for; what was there is unmapped. It joins its neighbours where it goes on from them. */
export const mapArea = (kernel: LinuxKernel, mm: Mm, request: AreaRequest): void => {
  const { firstPage, pages } = request;
  unmapRange(kernel, mm, firstPage, pages);
  addArea(mm, newArea(request));
  mergeAreas(mm, firstPage, firstPage + pages);
};

/** Unmaps a range of a live address space: its entries one by one, then the tables that nothing else uses. */
export const unmapRange = (kernel: LinuxKernel, mm: Mm, firstPage: number, pages: number): void => {
  unmapGrantsWithin(kernel, mm, firstPage, firstPage + pages);
  for (const end of [firstPage, firstPage + pages]) {
    splitHugeAt(kernel, mm, end);
    splitAreaAt(mm, end);
  }
  const areas = areasIn(mm, firstPage, firstPage + pages);
  if (areas.length === 0) return;
  for (const vma of areas) replaceArea(mm, vma);
  const gather = new TlbGather(kernel, mm);
  const cleared = keepGrantsWithin(kernel, mm, firstPage, firstPage + pages);
  for (const vma of areas) clearArea(kernel, mm, vma, gather);
  cleared();
  for (const vma of areas) freeTables(kernel, mm, vma, gather);
  gather.flush();
};

/** Takes every entry of an area away, and the pages that are nobody else's with them. */
export const clearArea = (kernel: LinuxKernel, mm: Mm, vma: Vma, gather: TlbGather | null): void => {
  const { entries } = kernel.shape;
  forEachHuge(kernel, mm, vma.firstPage, endOf(vma), (place, first) => {
    clearHuge(kernel, mm, place);
    gather?.add(first);
    gather?.add(first + entries - 1);
  });
  forEachTable(kernel, mm, vma.firstPage, endOf(vma), (table, from, to) => {
    for (let vpn = from; vpn < to; vpn += 1) {
      const place = { table, index: vpn % entries };
      const entry = kernel.entryAt(place);
      if (!isPresent(entry)) continue;
      const frame = kernel.frameOf(entry);
      kernel.ops.exchangeLeaf(place, 0);
      kernel.unmapped(frame);
      gather?.addFreed(vpn);
    }
  });
};

/** Frees the tables of the area's range that no area reaches into, lowest level first. */
const freeTables = (kernel: LinuxKernel, mm: Mm, vma: Vma, gather: TlbGather): void => {
  const { ops, shape } = kernel;
  for (let level = 2; level <= shape.levels; level += 1) {
    const span = pagesOfLevel(shape, level as TableLevel);
    for (let start = vma.firstPage - (vma.firstPage % span); start < endOf(vma); start += span) {
      if (areasIn(mm, start, start + span).length > 0) continue;
      const place = findEntry(kernel, mm, start, level as TableLevel);
      if (place === null || !isPresent(kernel.entryAt(place))) continue;
      const child = kernel.behind(entryFrame(kernel.entryAt(place)));
      ops.setBranch(mm, place, 0);
      ops.tableRemoved(mm, child, (level - 1) as TableLevel);
      kernel.freeTable(child);
      gather.add(Math.max(start, vma.firstPage));
    }
  }
};
