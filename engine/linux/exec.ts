import { addArea, areaAt } from './areas.js';
import { exitMm } from './exit.js';
import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';
import { mapArea } from './mmap.js';
import type { CachedFile } from './page-cache.js';
import { mapOwnPage, touchPage } from './page-fault.js';
import { growStack } from './stack.js';
import { newArea } from './vma.js';

/** A part of an ELF file that is mapped: pages of the file, then zeroed ones. */
export interface Segment {
  /** First page, from the start of the file's image. */
  readonly at: number;
  readonly filePage: number;
  readonly pages: number;
  readonly zeroedPages: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ElfFile {
  readonly file: CachedFile;
  /** Page that its image starts at. */
  readonly base: number;
  readonly segments: readonly Segment[];
}

export interface Executable {
  readonly program: ElfFile;
  /** The dynamic loader, where the program asks for one. */
  readonly loader: ElfFile | null;
  /** Pages that arguments and environment fill. */
  readonly argumentPages: number;
}

/** What exec adds below what it wrote itself, in bytes. */
const STACK_EXTRA_BYTES = 128 * 1024;

/**
 * Runs another program in a process, in the order of Linux 6.1's execve: arguments are written into the stack of a new
 * address space, which is then complete and loaded; the old one is torn down; files are mapped, what lies behind a
 * writable segment's file pages is zeroed, and the heap begins after the last segment of the program. Null for no old one.
 */
export const execMm = (kernel: LinuxKernel, old: Mm | null, { program, loader, argumentPages }: Executable): Mm => {
  const { ops } = kernel;
  const mm = kernel.newMm();
  const { stackTop } = kernel.shape;
  const firstPage = stackTop - argumentPages;
  const stack = newArea({ firstPage, pages: argumentPages, writable: true, file: null, growsDown: true });
  addArea(mm, stack);
  for (let vpn = stackTop - 1; vpn >= firstPage; vpn -= 1) mapOwnPage(kernel, mm, stack, vpn);
  ops.entered(mm);
  ops.activate(mm);
  if (old !== null) exitMm(kernel, old);
  growStack(kernel, mm, firstPage - STACK_EXTRA_BYTES / kernel.pageBytes);
  mapImage(kernel, mm, program);
  const end = Math.max(...program.segments.map(({ at, pages, zeroedPages }) => at + pages + zeroedPages));
  mm.heap.start = mm.heap.end = program.base + end;
  if (loader !== null) mapImage(kernel, mm, loader);
  ops.returnToUser();
  return mm;
};

const mapImage = (kernel: LinuxKernel, mm: Mm, { file, base, segments }: ElfFile): void => {
  for (const { at, filePage, pages, zeroedPages, writable, executable } of segments) {
    const firstPage = base + at;
    mapArea(kernel, mm, { firstPage, pages, writable, executable, file: { cached: file, firstPage: filePage } });
    if (zeroedPages === 0) continue;
    // The rest of the last page of the file is zeroed too, which writes that page.
    if (areaAt(mm, firstPage + pages - 1)?.writable === true) touchPage(kernel, mm, firstPage + pages - 1, true);
    mapArea(kernel, mm, { firstPage: firstPage + pages, pages: zeroedPages, writable, file: null });
  }
};
