import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { moveBreak } from '../../../engine/linux/brk.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { FILE_PAGES, IMAGE_PAGES, type Programs } from './programs-reference.js';

export interface ProcessStep {
  readonly kind: string;
  readonly place: number;
  readonly page: number;
  readonly pages: number;
}

type Take = (programs: Programs, at: number, step: ProcessStep) => void;

const MOST_PROCESSES = 4;

const mapAnonymous =
  (writable: boolean): Take =>
  ({ kernel, mm, mine }, at, { pages }) => {
    mapArea(kernel, mm, { firstPage: at, pages, writable, file: null });
    mine.map(at, pages, writable, () => 0);
  };

const protect =
  (writable: boolean): Take =>
  ({ kernel, mm, mine }, at, { pages }) => {
    const refused = protectRange(kernel, mm, { firstPage: at, pages, writable });
    expect(refused === null).toBe(mine.protect(at, pages, writable));
  };

/** What programs do, on the kernel and in what they believe; `at` is the step's page of its place. */
export const PROCESS_STEPS: Readonly<Record<string, Take>> = {
  write: (programs, at) => programs.write(at),
  read: (programs, at) => programs.read(at),
  'write program': (programs, _at, { page }) => programs.write(programs.layout.program + (page % 10)),
  'read program': (programs, _at, { page }) => programs.read(programs.layout.program + (page % 10)),
  'write stack': (programs, _at, { page }) => programs.writeStack(page % 3),
  map: mapAnonymous(true),
  'map read-only': mapAnonymous(false),
  'map file'({ kernel, mm, mine, library }, at, { place, pages }) {
    const filePages = Math.min(pages, FILE_PAGES - 1);
    const writable = place % 2 === 0;
    const file = { cached: library, firstPage: 1 };
    mapArea(kernel, mm, { firstPage: at, pages: filePages, writable, file });
    mine.map(at, filePages, writable, (offset) => library.stamps[1 + offset]);
  },
  unmap({ kernel, mm, mine }, at, { pages }) {
    unmapRange(kernel, mm, at, pages);
    mine.unmap(at, pages);
  },
  protect: protect(false),
  unprotect: protect(true),
  break({ kernel, mm, mine, layout }, _at, { page }) {
    const end = layout.program + IMAGE_PAGES + page;
    expect(moveBreak(kernel, mm, end)).toBe(end);
    mine.unmap(end, mine.heapEnd - end);
    if (end > mine.heapEnd) mine.map(mine.heapEnd, end - mine.heapEnd, true, () => 0);
    mine.heapEnd = end;
  },
  fork({ table, believed, parents, running, mine }) {
    if (believed.size >= MOST_PROCESSES) return;
    const { pid } = table.fork();
    believed.set(pid, mine.copy());
    parents.set(pid, running.pid);
  },
  exec(programs) {
    programs.table.exec(programs.executable);
    programs.believed.set(programs.running.pid, programs.fresh());
  },
  exit(programs) {
    if (programs.believed.size > 1) programs.exit();
  },
  wait({ table, zombies, parents, running }) {
    const before = table.all.length;
    const pid = table.wait();
    expect(table.all.length).toBe(before - (pid === null ? 0 : 1));
    if (pid !== null) expect(zombies.delete(pid)).toBe(true);
    else expect([...zombies].filter((zombie) => parents.get(zombie) === running.pid)).toEqual([]);
  },
  yield: ({ table }) => table.yield(),
  'drop cache': ({ kernel }) => void kernel.cache.drop(),
};

/** A 2 MiB page with a small one before and after it. */
const HUGE = 512 * 512 * 5 - 1;
const HUGE_PAGES = 514;

const protectHuge =
  (writable: boolean): Take =>
  ({ kernel, mm, mine }, _at, { page, pages }) => {
    const [first, length] = page < 5 ? [HUGE, HUGE_PAGES] : [HUGE + page * 30, pages];
    const refused = protectRange(kernel, mm, { firstPage: first, pages: length, writable });
    expect(isFinding(refused)).toBe(!mine.protect(first, length, writable));
  };

/** The same with an area that large pages fit. */
export const HUGE_STEPS: Readonly<Record<string, Take>> = {
  'map huge'({ kernel, mm, mine }) {
    mapArea(kernel, mm, { firstPage: HUGE, pages: HUGE_PAGES, writable: true, file: null });
    mine.map(HUGE, HUGE_PAGES, true, () => 0);
  },
  'write huge': (programs, _at, { page }) => programs.write(HUGE + page * 36),
  'read huge': (programs, _at, { page }) => programs.read(HUGE + page * 36),
  'unmap huge'({ kernel, mm, mine }, _at, { page, pages }) {
    // Parts of it, its beginning and its end among them, and sometimes the whole.
    const from = HUGE + (page === 0 ? 1 : page * 32);
    const length = page === 0 ? 512 : pages;
    unmapRange(kernel, mm, from, length);
    mine.unmap(from, length);
  },
  'protect huge': protectHuge(false),
  'unprotect huge': protectHuge(true),
};
