import type { Domain } from '../../engine/index.js';
import { mapDevicePages } from '../../engine/linux/device-pages.js';
import type { LinuxKernel } from '../../engine/linux/kernel.js';
import type { Mm } from '../../engine/linux/mm.js';
import { mapArea } from '../../engine/linux/mmap.js';
import { touchPage } from '../../engine/linux/page-fault.js';
import { protectRange } from '../../engine/linux/mprotect.js';
import type { CachedFile } from '../../engine/linux/page-cache.js';

/** An area as the program has it when a job begins. */
export interface AreaPlan {
  readonly name: string;
  readonly at: number;
  readonly pages: number;
  /** The file that it maps, and from which page on; null for anonymous memory. */
  readonly file: readonly [name: string, firstPage: number] | null;
  /** What a program may do: read (and run), write; or read what it wrote before it was made read-only; or share a device's pages. */
  readonly access: 'read' | 'write' | 'sealed' | 'device';
  /** Pages that were touched: written where the area can or could be written, else read. */
  readonly touched: readonly number[];
}

/** A page of an area, and whether it is read (or run) or written. */
export type Touch = readonly [area: string, page: number, access: 'read' | 'write'];

/** Functions of libc that the jobs call, each of which makes one system call. */
export type LibcCall = '_exit' | 'fork' | 'getppid' | 'pipe' | 'read' | 'waitpid' | 'write';

/** What a kernel does for a program, beside memory management. */
export type KernelWork = 'systemCall' | 'switch' | 'fork';

/** How time goes by in a job: told when it begins, and of each piece of the kernel's own work. */
export interface Pace {
  begin(domain: Domain): void;
  work(domain: Domain, what: KernelWork): void;
}

/** A program: where its memory lies, and what it touches in the course of a job, in order. */
export interface ProgramPlan {
  readonly areas: readonly AreaPlan[];
  /** The page with the thread's own id and its restartable sequence, both of which the kernel writes. */
  readonly thread: Touch;
  /** What a process touches as it comes out of a fork: the parent, and the child, to its next system call and from there on. */
  readonly forked: { readonly parent: readonly Touch[]; readonly child: readonly [readonly Touch[], readonly Touch[]] };
  /** The program's own code and stack, at each call. */
  readonly calling: readonly Touch[];
  /** What a call touches of libc, and how its first one in a process finds it; nothing where it is linked in. */
  readonly calls: Readonly<Record<LibcCall, { readonly resolving: readonly Touch[]; readonly body: readonly Touch[] }>>;
  /** What it touches before and after a job, as it reads the counters: for the first time, and again. */
  readonly counting: readonly [first: readonly Touch[], again: readonly Touch[]];
  /**
   * What it touches beside that as the guest's own count of faults is taken, around all else: after the first count was taken, and before
   * the second one. The hypervisor's counters do not see it.
   */
  readonly countingFaults: readonly [first: readonly Touch[], again: readonly Touch[]];
  /** Left out where no time goes by. */
  readonly pace?: Pace;
}

/** A file of which every page is in the page cache. */
const cachedFile = (kernel: LinuxKernel, name: string, pages: number): CachedFile => {
  const file = kernel.cache.open(name, pages);
  for (let page = 0; page < pages; page += 1) kernel.cache.read(file, page);
  return file;
};

const filesOf = (kernel: LinuxKernel, areas: readonly AreaPlan[]): ReadonlyMap<string, CachedFile> => {
  const pages = new Map<string, number>();
  for (const area of areas) {
    if (area.file === null) continue;
    const [name, firstPage] = area.file;
    pages.set(name, Math.max(pages.get(name) ?? 0, firstPage + area.pages));
  }
  return new Map([...pages].map(([name, count]) => [name, cachedFile(kernel, name, count)]));
};

/** Maps an area, with what was touched of it. */
const startArea = (
  kernel: LinuxKernel,
  mm: Mm,
  { name, at, pages, file, access, touched }: AreaPlan,
  files: ReadonlyMap<string, CachedFile>,
): void => {
  if (access === 'device') return mapDevicePages(kernel, mm, at, pages);
  const writable = access !== 'read';
  const mapped = file === null ? null : { cached: files.get(file[0])!, firstPage: file[1] };
  const executable = name.endsWith(' text');
  mapArea(kernel, mm, { firstPage: at, pages, writable, executable, file: mapped, growsDown: name === 'stack' });
  for (const page of touched) touchPage(kernel, mm, at + page, writable);
  if (access === 'sealed') protectRange(kernel, mm, { firstPage: at, pages, writable: false });
};

/** A process of the program. */
export class ProgramProcess {
  readonly mm: Mm;
  readonly plan: ProgramPlan;
  readonly #kernel: LinuxKernel;
  readonly #starts: ReadonlyMap<string, number>;
  /** The calls whose place in libc it has found. */
  readonly #resolved: Set<LibcCall>;

  constructor(kernel: LinuxKernel, plan: ProgramPlan, mm: Mm, resolved: ReadonlySet<LibcCall> = new Set()) {
    this.#kernel = kernel;
    this.plan = plan;
    this.mm = mm;
    this.#starts = new Map(plan.areas.map(({ name, at }) => [name, at]));
    this.#resolved = new Set(resolved);
  }

  /** The page number of a page of an area. */
  page(area: string, page: number): number {
    return this.#starts.get(area)! + page;
  }

  touch(touches: readonly Touch[]): void {
    for (const [area, page, access] of touches) {
      touchPage(this.#kernel, this.mm, this.page(area, page), access === 'write');
    }
  }

  /** Calls a function of libc, up to its system call; the first call in a process has to find it. */
  call(name: LibcCall): void {
    const { calling, calls } = this.plan;
    this.touch(calling);
    if (!this.#resolved.has(name)) this.touch(calls[name].resolving);
    this.#resolved.add(name);
    this.touch(calls[name].body);
  }

  /** A copy of it in another address space. */
  copy(mm: Mm): ProgramProcess {
    return new ProgramProcess(this.#kernel, this.plan, mm, this.#resolved);
  }
}

/** Starts the program, with its areas as they are when a job begins, its address space live and loaded, and the counters read. */
export const startProgram = (kernel: LinuxKernel, plan: ProgramPlan): ProgramProcess => {
  const mm = kernel.newMm();
  kernel.ops.entered(mm);
  kernel.ops.activate(mm);
  const files = filesOf(kernel, plan.areas);
  for (const area of plan.areas) startArea(kernel, mm, area, files);
  const process = new ProgramProcess(kernel, plan, mm);
  process.touch(plan.counting[0]);
  return process;
};
