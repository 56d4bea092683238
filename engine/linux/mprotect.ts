import { type Finding } from '../finding.js';
import { hex } from '../host/frame-number.js';
import { isPresent, isWritable } from '../host/entry.js';
import { areasIn, mergeAreas, replaceArea, splitAreaAt } from './areas.js';
import { forEachHuge, framesOfHuge, setHuge, splitHugeAt } from './huge-page.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, forEachTable } from './mm.js';
import { TlbGather } from './tlb-gather.js';
import { type Vma, endOf } from './vma.js';

/**
 * Gives or takes the right to write a range, as Linux 6.1's mprotect does: areas are split at its ends and joined again
 * where they go on from each other. Every present entry is read and set again, a table at a time while lazy; with the
 * right given, a page becomes writable at once only where it is the program's alone. A finding where the range has a hole.
 */
export const protectRange = (
  kernel: LinuxKernel,
  mm: Mm,
  range: { readonly firstPage: number; readonly pages: number; readonly writable: boolean },
): Finding | null => {
  const { firstPage, pages, writable } = range;
  const end = firstPage + pages;
  let next = firstPage;
  for (const vma of areasIn(mm, firstPage, end)) if (vma.firstPage <= next) next = endOf(vma);
  if (next < end) {
    const detail = `page ${hex(next)} of a program of ${kernel.domain.name} is in no area`;
    return { operation: 'access', model: kernel.domain.model.id, rule: 'mapped', detail };
  }
  for (const at of [firstPage, end]) {
    splitHugeAt(kernel, mm, at);
    splitAreaAt(mm, at);
  }
  const gather = new TlbGather(kernel, mm);
  for (const vma of areasIn(mm, firstPage, end)) {
    if (vma.writable === writable) continue;
    replaceArea(mm, vma, { ...vma, writable, accounted: vma.accounted || writable });
    protectEntries(kernel, mm, vma, writable, gather);
  }
  gather.flush();
  mergeAreas(mm, firstPage, end);
  return null;
};

const protectEntries = (kernel: LinuxKernel, mm: Mm, vma: Vma, writable: boolean, gather: TlbGather): void => {
  const { ops, pages, shape } = kernel;
  forEachHuge(kernel, mm, vma.firstPage, endOf(vma), (place, first) => {
    const frames = framesOfHuge(kernel, kernel.entryAt(place));
    setHuge(kernel, mm, place, frames[0], writable && frames.every((pfn) => pages.isExclusive(pfn)));
    gather.add(first);
    gather.add(first + shape.entries - 1);
  });
  forEachTable(kernel, mm, vma.firstPage, endOf(vma), (table, from, to) => {
    ops.enterLazy();
    for (let vpn = from; vpn < to; vpn += 1) {
      const place = { table, index: vpn % shape.entries };
      const entry = kernel.entryAt(place);
      if (!isPresent(entry)) continue;
      const frame = kernel.frameOf(entry);
      const after = kernel.entryFor(frame, writable && pages.isExclusive(frame));
      ops.setLeaf(place, after);
      // A right that was given needs no flush: what the TLB still has refuses more than the table does.
      if (isWritable(entry) && !isWritable(after)) gather.add(vpn);
    }
    ops.leaveLazy();
  });
};
