import type { LinuxKernel } from '../../engine/linux/kernel.js';
import type { Mm } from '../../engine/linux/mm.js';
import { mapArea } from '../../engine/linux/mmap.js';
import { touchPage } from '../../engine/linux/page-fault.js';
import { protectRange } from '../../engine/linux/mprotect.js';
import type { CachedFile } from '../../engine/linux/page-cache.js';

/**
 * The one process layout of all jobs: a small dynamic program on Debian 12, at the addresses that it has without address
 * randomisation. Sizes of the files' areas are those of Debian's libc and loader, rounded. Which pages were touched before a job
 * begins is not known, nor which a fork touches: both were chosen on the rows of fork 100, so that a fork copies 53 entries of
 * which 34 are writable, in ten table pages, and its faults and updates come near. So the rows of fork are no test of the layout;
 * touch, ctxsw and other sizes are. What a job does touches pages of this layout and nothing else.
 */
interface AreaPlan {
  readonly name: string;
  readonly at: number;
  readonly pages: number;
  readonly writable: boolean;
  readonly file: 'program' | 'libc' | 'loader' | 'vdso' | null;
  /** Own pages written before the job, from the first on. */
  readonly written: number;
  /** Made read-only after its own pages were written, as the loader does with relocated data. */
  readonly sealed?: true;
  readonly executable?: true;
}

const PROGRAM = 0x5_5555_5554;
const LIBC = 0x7_ffff_7dd0;
const LOADER = 0x7_ffff_7fc6;

const AREAS: readonly AreaPlan[] = [
  { name: 'program header', at: PROGRAM, pages: 1, writable: false, file: 'program', written: 0 },
  { name: 'program text', at: PROGRAM + 1, pages: 4, writable: false, file: 'program', written: 0, executable: true },
  { name: 'program constants', at: PROGRAM + 5, pages: 2, writable: false, file: 'program', written: 0 },
  { name: 'program relocated', at: PROGRAM + 7, pages: 1, writable: true, file: 'program', written: 1, sealed: true },
  { name: 'program data', at: PROGRAM + 8, pages: 2, writable: true, file: 'program', written: 2 },
  { name: 'heap', at: PROGRAM + 32, pages: 33, writable: true, file: null, written: 4 },
  { name: 'thread storage', at: LIBC - 3, pages: 3, writable: true, file: null, written: 3 },
  { name: 'libc header', at: LIBC, pages: 38, writable: false, file: 'libc', written: 0 },
  { name: 'libc text', at: LIBC + 38, pages: 341, writable: false, file: 'libc', written: 0, executable: true },
  { name: 'libc constants', at: LIBC + 379, pages: 84, writable: false, file: 'libc', written: 0 },
  { name: 'libc relocated', at: LIBC + 463, pages: 4, writable: true, file: 'libc', written: 4, sealed: true },
  { name: 'libc data', at: LIBC + 467, pages: 2, writable: true, file: 'libc', written: 2 },
  { name: 'libc zeroed', at: LIBC + 469, pages: 13, writable: true, file: null, written: 13 },
  { name: 'vdso', at: LOADER - 4, pages: 2, writable: false, file: 'vdso', written: 0, executable: true },
  { name: 'loader header', at: LOADER, pages: 1, writable: false, file: 'loader', written: 0 },
  { name: 'loader text', at: LOADER + 1, pages: 37, writable: false, file: 'loader', written: 0, executable: true },
  { name: 'loader relocated', at: LOADER + 38, pages: 14, writable: true, file: 'loader', written: 14, sealed: true },
  { name: 'loader data', at: LOADER + 52, pages: 2, writable: true, file: 'loader', written: 2 },
  { name: 'stack', at: 0x7_ffff_ffde, pages: 33, writable: true, file: null, written: 8 },
];

const FILE_PAGES = { program: 10, libc: 470, loader: 60, vdso: 2 } as const;

/** A running program: its address space, and its areas by name. */
export interface Program {
  readonly mm: Mm;
  /** The page number of a page of an area. */
  readonly page: (area: string, page: number) => number;
}

/** A file of which every page is in the page cache. */
const cachedFile = (kernel: LinuxKernel, name: string, pages: number): CachedFile => {
  const file = kernel.cache.open(name, pages);
  for (let page = 0; page < pages; page += 1) kernel.cache.read(file, page);
  return file;
};

/** Starts the program: its areas mapped, the pages written that were written before, its address space live and loaded. */
export const startProgram = (kernel: LinuxKernel): Program => {
  const mm = kernel.newMm();
  const files = new Map(Object.entries(FILE_PAGES).map(([name, pages]) => [name, cachedFile(kernel, name, pages)]));
  const offsets = new Map<string, number>();
  kernel.ops.entered(mm);
  kernel.ops.activate(mm);
  for (const { at: firstPage, pages, writable, executable = false, ...plan } of AREAS) {
    // Pages of the relocated data begin with the last one of the constants.
    const offset = plan.file === null ? 0 : (offsets.get(plan.file) ?? 0) - (plan.sealed === true ? 1 : 0);
    if (plan.file !== null) offsets.set(plan.file, offset + pages);
    const file = plan.file === null ? null : { cached: files.get(plan.file)!, firstPage: offset };
    mapArea(kernel, mm, { firstPage, pages, writable, executable, file, growsDown: plan.name === 'stack' });
    for (let page = 0; page < plan.written; page += 1) touchPage(kernel, mm, firstPage + page, true);
    if (plan.sealed === true) protectRange(kernel, mm, { firstPage, pages, writable: false });
  }
  const starts = new Map(AREAS.map(({ name, at }) => [name, at]));
  return { mm, page: (area, page) => starts.get(area)! + page };
};
