import { addArea, areasIn, mergeAreas } from './areas.js';
import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';
import { unmapRange } from './mmap.js';
import { newArea } from './vma.js';

/**
 * Moves the end of the heap to this page: what it gains is anonymous memory, what it loses is unmapped. Returns where the
 * end is then; it stays where it was when another area is in the way.
 */
export const moveBreak = (kernel: LinuxKernel, mm: Mm, end: number): number => {
  const { heap } = mm;
  if (end < heap.start) return heap.end;
  if (end < heap.end) {
    unmapRange(kernel, mm, end, heap.end - end);
  } else if (end > heap.end) {
    if (areasIn(mm, heap.end, end).length > 0) return heap.end;
    addArea(mm, newArea({ firstPage: heap.end, pages: end - heap.end, writable: true, file: null }));
    mergeAreas(mm, heap.end, end);
  }
  heap.end = end;
  return end;
};
