import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { isPresent } from '../../../engine/host/entry.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import type { Executable } from '../../../engine/linux/exec.js';
import type { LinuxKernel } from '../../../engine/linux/kernel.js';
import type { Mm } from '../../../engine/linux/mm.js';
import type { CachedFile } from '../../../engine/linux/page-cache.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { type Process, ProcessTable } from '../../../engine/linux/process-table.js';

/** Where programs have things, in pages. */
export interface Layout {
  /** First page of the program's image. */
  readonly program: number;
  /** Pages to map at. */
  readonly places: readonly number[];
}

export const FILE_PAGES = 12;
/** Pages of the program's image; its heap comes after them. */
export const IMAGE_PAGES = 9;
const ARGUMENT_PAGES = 2;
const STACK_EXTRA_BYTES = 128 * 1024;
/** Pages that a program takes below the stack that it was given. */
const STACK_GROWTH = 24;

/** A page of a program as its writer knows it: what it reads there, and whether it may write. */
interface Page {
  readonly writable: boolean;
  readonly value: number;
  /** What it reads before it ever wrote. */
  readonly initial: number;
  /** The guest frame, where it is a page that the program granted by a device: no child has it. */
  readonly granted: number | null;
}

/** What a program believes of its own memory, page by page. It shares no code with the engine. */
export class Believed {
  readonly pages: Map<number, Page>;
  heapEnd: number;

  constructor(pages: Map<number, Page>, heapEnd: number) {
    this.pages = pages;
    this.heapEnd = heapEnd;
  }

  copy(): Believed {
    return new Believed(new Map([...this.pages].filter(([, { granted }]) => granted === null)), this.heapEnd);
  }

  map(first: number, pages: number, writable: boolean, initial: (page: number) => number): void {
    for (let page = 0; page < pages; page += 1) {
      const value = initial(page);
      this.pages.set(first + page, { writable, value, initial: value, granted: null });
    }
  }

  mapGranted(vpn: number, pfn: number): void {
    this.pages.set(vpn, { writable: true, value: 0, initial: 0, granted: pfn });
  }

  /** Another domain wrote a granted page. */
  changed(vpn: number, pfn: number, value: number): void {
    const known = this.pages.get(vpn);
    if (known?.granted === pfn) this.pages.set(vpn, { ...known, value });
  }

  unmap(first: number, pages: number): void {
    for (let vpn = first; vpn < first + pages; vpn += 1) this.pages.delete(vpn);
  }

  /** Whether all of the range is there, so that its right could be changed. */
  protect(first: number, pages: number, writable: boolean): boolean {
    const whole = Array.from({ length: pages }, (_, offset) => this.pages.get(first + offset));
    if (whole.includes(undefined)) return false;
    whole.forEach((known, offset) => this.pages.set(first + offset, { ...known!, writable }));
    return true;
  }
}

/** The processes of a kernel beside what their programs believe. */
export class Programs {
  kernel: LinuxKernel;
  table: ProcessTable;
  readonly layout: Layout;
  readonly believed = new Map<number, Believed>();
  readonly zombies = new Set<number>();
  readonly parents = new Map<number, number | null>();

  constructor(kernel: LinuxKernel, layout: Layout) {
    this.kernel = kernel;
    this.table = new ProcessTable(kernel);
    this.layout = layout;
    this.believed.set(this.table.start(this.executable).pid, this.fresh());
    this.parents.set(this.table.running!.pid, null);
  }

  get running(): Process {
    return this.table.running!;
  }

  get mm(): Mm {
    return this.running.mm!;
  }

  get mine(): Believed {
    return this.believed.get(this.running.pid)!;
  }

  get library(): CachedFile {
    return this.kernel.cache.open('library', FILE_PAGES);
  }

  get executable(): Executable {
    const segment = { filePage: 0, zeroedPages: 0 };
    return {
      program: {
        file: this.#file,
        base: this.layout.program,
        segments: [
          { ...segment, at: 0, pages: 4, writable: false, executable: true },
          { ...segment, at: 4, filePage: 3, pages: 2, zeroedPages: 3, writable: true, executable: false },
        ],
      },
      loader: null,
      argumentPages: ARGUMENT_PAGES,
    };
  }

  /** What a new program holds; arguments and the page that zeroes go into are written by the kernel. */
  fresh(): Believed {
    const { program } = this.layout;
    const { stamps } = this.#file;
    const believed = new Believed(new Map(), program + IMAGE_PAGES);
    believed.map(program, 4, false, (page) => stamps[page]);
    believed.map(program + 4, 2, true, (page) => stamps[3 + page]);
    believed.map(program + 6, 3, true, () => 0);
    believed.map(this.#stackStart, this.#stackPages, true, () => 0);
    return believed;
  }

  write(vpn: number): void {
    const { pages } = this.mine;
    const known = pages.get(vpn);
    const written = writePage(this.kernel, this.mm, vpn);
    expect(isFinding(written)).toBe(known === undefined || !known.writable);
    if (!isFinding(written)) pages.set(vpn, { ...known!, value: written });
  }

  read(vpn: number): void {
    const found = readPage(this.kernel, this.mm, vpn);
    const known = this.mine.pages.get(vpn);
    if (known === undefined) expect(isFinding(found)).toBe(true);
    else expect(found).toBe(known.value);
  }

  /** Just below the stack is the stack's to take; what was never touched there reads as zeroes. */
  writeStack(below: number): void {
    const { mine } = this;
    let lowest = this.#stackStart;
    while (mine.pages.has(lowest - 1)) lowest -= 1;
    const vpn = Math.max(lowest - below, this.#stackStart - STACK_GROWTH);
    if (vpn < lowest) mine.map(vpn, lowest - vpn, true, () => 0);
    this.write(vpn);
  }

  exit(): void {
    const { pid } = this.running;
    this.believed.delete(pid);
    this.table.exit();
    this.zombies.add(pid);
  }

  /** Every program finds what it wrote, whether its page is mapped now or not, and the kernel's own rules hold. */
  check(): void {
    const { kernel } = this;
    for (const { pid, mm } of this.table.all) {
      if (mm === null) continue;
      for (const [vpn, { value, initial }] of this.believed.get(pid)!.pages) {
        const found: number = this.#contents(mm, vpn) ?? initial;
        if (found !== value) expect.fail(`page ${vpn.toString(16)} of process ${pid} holds ${found}, not ${value}`);
      }
    }
    expect(auditLinux(kernel)).toEqual([]);
  }

  /** What is in a page wherever it is; null where it has no entry. */
  #contents(mm: Mm, vpn: number): number | null {
    const { kernel } = this;
    const { model } = kernel.domain;
    const entry = kernel.leafOf(mm, vpn);
    if (!isPresent(entry)) return null;
    const pfn = kernel.frameOf(entry);
    return model.machineFrame(pfn) === NO_FRAME ? model.overcommit!.contents(pfn) : kernel.contents(pfn);
  }

  get #file(): CachedFile {
    return this.kernel.cache.open('program', FILE_PAGES);
  }

  get #stackPages(): number {
    return ARGUMENT_PAGES + STACK_EXTRA_BYTES / this.kernel.pageBytes;
  }

  get #stackStart(): number {
    return this.kernel.shape.stackTop - this.#stackPages;
  }
}
