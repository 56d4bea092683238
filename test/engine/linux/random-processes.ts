import fc from 'fast-check';
import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { isPresent } from '../../../engine/host/entry.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { moveBreak } from '../../../engine/linux/brk.js';
import type { Executable } from '../../../engine/linux/exec.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import type { Machine } from './support.js';

/** Pages to map at: some share tables, some need tables of their own, the last is near the end of a table. */
const PLACES = [0x100, 0x100 + 12, 0x100 + 300, 512 * 3 + 506, 512 * 512 * 2] as const;
/** A 2 MiB page with a small one before and after it. */
const HUGE = 512 * 512 * 5 - 1;
const HUGE_PAGES = 514;
const MAX_PAGES = 16;
const PROGRAM = 0x5555_5400;
const FILE_PAGES = 12;
const ARGUMENT_PAGES = 2;

const HUGE_KINDS = [
  ['map huge', 'write huge', 'write huge', 'write huge', 'read huge', 'unmap huge', 'protect huge', 'unprotect huge'],
  ['fork', 'exec', 'exit', 'wait', 'yield', 'yield', 'balloon out', 'balloon in'],
].flat();

const KINDS = [
  ['write', 'write', 'write', 'read', 'read', 'write program', 'read program', 'write stack'],
  ['map', 'map file', 'map read-only', 'unmap', 'protect', 'unprotect', 'break'],
  ['fork', 'fork', 'exec', 'exit', 'wait', 'yield', 'yield', 'balloon out', 'balloon in', 'drop cache'],
].flat();

export interface Step {
  readonly kind: string;
  readonly place: number;
  readonly page: number;
  readonly pages: number;
}

export const steps = (length: number, of: 'small' | 'huge' = 'small'): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...(of === 'small' ? KINDS : HUGE_KINDS)),
      place: fc.nat(PLACES.length - 1),
      page: fc.nat(MAX_PAGES - 1),
      pages: fc.integer({ min: 1, max: MAX_PAGES }),
    }),
    { maxLength: length, size: 'max' },
  );

/** A page of a program as its writer knows it: what it reads there, and whether it may write. */
interface Page {
  readonly writable: boolean;
  readonly value: number;
  /** What it reads before it ever wrote. */
  readonly initial: number;
}

/** What a program believes of its own memory, page by page. It shares no code with the engine. */
class Believed {
  readonly pages: Map<number, Page>;
  heapEnd: number;

  constructor(pages: Map<number, Page>, heapEnd: number) {
    this.pages = pages;
    this.heapEnd = heapEnd;
  }

  map(first: number, pages: number, writable: boolean, initial: (page: number) => number): void {
    for (let page = 0; page < pages; page += 1) {
      const value = initial(page);
      this.pages.set(first + page, { writable, value, initial: value });
    }
  }
}

/** Runs the steps on a kernel and on the programs' own beliefs, compares and audits after each. */
export const runProcesses = (machine: Machine, sequence: readonly Step[]): void => {
  const { kernel, domain } = machine;
  const { stackTop } = kernel.shape;
  const stackPages = ARGUMENT_PAGES + (128 * 1024) / kernel.pageBytes;
  const table = new ProcessTable(kernel);
  const library = kernel.cache.open('library', FILE_PAGES);
  const file = kernel.cache.open('program', FILE_PAGES);
  const executable: Executable = {
    program: {
      file,
      base: PROGRAM,
      segments: [
        { at: 0, filePage: 0, pages: 4, zeroedPages: 0, writable: false, executable: true },
        { at: 4, filePage: 3, pages: 2, zeroedPages: 3, writable: true, executable: false },
      ],
    },
    loader: null,
    argumentPages: ARGUMENT_PAGES,
  };
  /** What a new program holds; arguments and the page that zeroes go into are written by the kernel. */
  const fresh = (): Believed => {
    const believed = new Believed(new Map(), PROGRAM + 9);
    believed.map(PROGRAM, 4, false, (page) => file.stamps[page]);
    believed.map(PROGRAM + 4, 2, true, (page) => file.stamps[3 + page]);
    believed.map(PROGRAM + 6, 3, true, () => 0);
    believed.map(stackTop - stackPages, stackPages, true, () => 0);
    return believed;
  };
  const believed = new Map([[table.start(executable).pid, fresh()]]);
  const zombies = new Map<number, number>();
  const parents = new Map<number, number | null>([[table.running!.pid, null]]);

  const write = (vpn: number): void => {
    const { pages } = believed.get(table.running!.pid)!;
    const known = pages.get(vpn);
    const written = writePage(kernel, table.running!.mm!, vpn);
    expect(isFinding(written)).toBe(known === undefined || !known.writable);
    if (!isFinding(written)) pages.set(vpn, { ...known!, value: written });
  };
  const read = (vpn: number): void => {
    const found = readPage(kernel, table.running!.mm!, vpn);
    const known = believed.get(table.running!.pid)!.pages.get(vpn);
    if (known === undefined) expect(isFinding(found)).toBe(true);
    else expect(found).toBe(known.value);
  };

  for (const { kind, place, page, pages } of sequence) {
    const running = table.running!;
    const mine = believed.get(running.pid)!;
    const mm = running.mm!;
    const at = PLACES[place] + page;
    if (kind === 'write') write(at);
    if (kind === 'read') read(at);
    if (kind === 'write program') write(PROGRAM + (page % 10));
    if (kind === 'read program') read(PROGRAM + (page % 10));
    if (kind === 'write stack') {
      // Just below the stack is the stack's to take; what was never touched there reads as zeroes.
      const lowest = Math.min(...[...mine.pages.keys()].filter((vpn) => vpn > stackTop - 500));
      const vpn = lowest - (page % 3);
      if (vpn < lowest) mine.map(vpn, lowest - vpn, true, () => 0);
      write(vpn);
    }
    if (kind === 'map huge') {
      mapArea(kernel, mm, { firstPage: HUGE, pages: HUGE_PAGES, writable: true, file: null });
      mine.map(HUGE, HUGE_PAGES, true, () => 0);
    }
    if (kind === 'write huge') write(HUGE + page * 36);
    if (kind === 'read huge') read(HUGE + page * 36);
    if (kind === 'unmap huge') {
      // Parts of it, its beginning and its end among them, and sometimes the whole.
      const from = HUGE + (page === 0 ? 1 : page * 32);
      const length = page === 0 ? 512 : pages;
      unmapRange(kernel, mm, from, length);
      for (let vpn = from; vpn < from + length; vpn += 1) mine.pages.delete(vpn);
    }
    if (kind === 'protect huge' || kind === 'unprotect huge') {
      const writable = kind === 'unprotect huge';
      const [first, length] = page < 5 ? [HUGE, HUGE_PAGES] : [HUGE + page * 30, pages];
      const whole = Array.from({ length }, (_, offset) => mine.pages.get(first + offset));
      const refused = protectRange(kernel, mm, { firstPage: first, pages: length, writable });
      expect(isFinding(refused)).toBe(whole.includes(undefined));
      if (refused === null) whole.forEach((known, offset) => mine.pages.set(first + offset, { ...known!, writable }));
    }
    if (kind === 'map' || kind === 'map read-only') {
      mapArea(kernel, mm, { firstPage: at, pages, writable: kind === 'map', file: null });
      mine.map(at, pages, kind === 'map', () => 0);
    }
    if (kind === 'map file') {
      const filePages = Math.min(pages, FILE_PAGES - 1);
      const area = { firstPage: at, pages: filePages, writable: place % 2 === 0 };
      mapArea(kernel, mm, { ...area, file: { cached: library, firstPage: 1 } });
      mine.map(at, filePages, area.writable, (offset) => library.stamps[1 + offset]);
    }
    if (kind === 'unmap') {
      unmapRange(kernel, mm, at, pages);
      for (let vpn = at; vpn < at + pages; vpn += 1) mine.pages.delete(vpn);
    }
    if (kind === 'protect' || kind === 'unprotect') {
      const writable = kind === 'unprotect';
      const refused = protectRange(kernel, mm, { firstPage: at, pages, writable });
      const whole = Array.from({ length: pages }, (_, offset) => mine.pages.get(at + offset));
      expect(isFinding(refused)).toBe(whole.includes(undefined));
      if (refused === null) whole.forEach((known, offset) => mine.pages.set(at + offset, { ...known!, writable }));
    }
    if (kind === 'break') {
      const end = PROGRAM + 9 + page;
      expect(moveBreak(kernel, mm, end)).toBe(end);
      for (let vpn = end; vpn < mine.heapEnd; vpn += 1) mine.pages.delete(vpn);
      if (end > mine.heapEnd) mine.map(mine.heapEnd, end - mine.heapEnd, true, () => 0);
      mine.heapEnd = end;
    }
    if (kind === 'fork' && believed.size < 4) {
      const { pid } = table.fork();
      believed.set(pid, new Believed(new Map(mine.pages), mine.heapEnd));
      parents.set(pid, running.pid);
    }
    if (kind === 'exec') {
      table.exec(executable);
      believed.set(running.pid, fresh());
    }
    if (kind === 'exit' && believed.size > 1) {
      believed.delete(running.pid);
      table.exit();
      zombies.set(running.pid, running.pid);
    }
    if (kind === 'wait') {
      const before = table.all.length;
      const pid = table.wait();
      expect(table.all.length).toBe(before - (pid === null ? 0 : 1));
      if (pid !== null) expect(zombies.delete(pid)).toBe(true);
      else expect([...zombies.keys()].filter((zombie) => parents.get(zombie) === running.pid)).toEqual([]);
    }
    if (kind === 'yield') table.yield();
    if (kind === 'balloon out') {
      if (domain.free.count > 600) expect(balloonOut(kernel, pages)).toBeNull();
    }
    if (kind === 'balloon in') expect(balloonIn(kernel, pages)).toBeNull();
    if (kind === 'drop cache') kernel.cache.drop();
    check(machine, table, believed);
  }
  while (believed.size > 1) {
    believed.delete(table.running!.pid);
    table.exit();
  }
  while (table.wait() !== null);
  expect(table.all).toHaveLength(1);
  table.exit();
  kernel.cache.drop();
  expect(auditLinux(kernel)).toEqual([]);
  expect(machine.violations()).toEqual([]);
  expect(domain.free.count + domain.balloon.frames.length).toBe(machine.freeAtStart);
};

/** Every program finds what it wrote, whether its page is mapped now or not, and every rule holds. */
const check = (machine: Machine, table: ProcessTable, believed: Map<number, Believed>): void => {
  const { kernel } = machine;
  for (const { pid, mm } of table.all) {
    if (mm === null) continue;
    for (const [vpn, { value, initial }] of believed.get(pid)!.pages) {
      const entry = kernel.leafOf(mm, vpn);
      const found = isPresent(entry) ? kernel.contents(kernel.frameOf(entry)) : initial;
      if (found !== value) expect.fail(`page ${vpn.toString(16)} of process ${pid} holds ${found}, not ${value}`);
    }
  }
  expect(auditLinux(kernel)).toEqual([]);
  expect(machine.violations()).toEqual([]);
};
