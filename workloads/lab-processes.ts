import {
  type Domain,
  type Executable,
  Event,
  type LinuxKernel,
  Mechanism,
  NO_FRAME,
  ProcessTable,
  Region,
  areasIn,
  isFinding,
  mapArea,
  protectRange,
  startLinux,
  touchPage,
  unmapRange,
  writePage,
} from '../engine/index.js';
import type { LabArea, LabExecutable, LabProcesses } from './workload.js';

/** The first program of a domain. */
const FIRST: LabExecutable = { code: 256, data: 32, zeroed: 32 };
/** What arguments and environment fill, in KiB. */
const ARGUMENTS = 4;

/** The parts of a program's image, in pages from its start. */
interface Image {
  readonly base: number;
  readonly code: number;
  readonly data: number;
}

const partsOf = (kernel: LinuxKernel, { code, data, zeroed }: LabExecutable) => {
  const pagesOf = (kibibytes: number): number => Math.ceil((kibibytes * 1024) / kernel.pageBytes);
  return { code: Math.max(1, pagesOf(code)), data: Math.max(1, pagesOf(data)), zeroed: pagesOf(zeroed) };
};

/** Where programs are, and where memory is mapped from upwards: a third and half of what a stack is at the end of. */
const placesIn = ({
  shape: { stackTop, entries },
}: LinuxKernel): { readonly program: number; readonly areas: number } => {
  const aligned = (page: number): number => Math.floor(page / entries) * entries;
  return { program: aligned(stackTop / 3), areas: aligned(stackTop / 2) };
};

const executableOf = (kernel: LinuxKernel, program: LabExecutable): Executable => {
  const { code, data, zeroed } = partsOf(kernel, program);
  const file = kernel.cache.open(`program of ${code} and ${data} pages`, code + data);
  const segments = [
    { at: 0, filePage: 0, pages: code, zeroedPages: 0, writable: false, executable: true },
    { at: code, filePage: code, pages: data, zeroedPages: zeroed, writable: true, executable: false },
  ];
  const argumentPages = Math.max(1, (ARGUMENTS * 1024) / kernel.pageBytes);
  return { program: { file, base: placesIn(kernel).program, segments }, loader: null, argumentPages };
};

/** Starts a Linux kernel in a domain, and its first process. */
export const startProcesses = (
  domain: Domain,
  largePages: boolean,
): { readonly kernel: LinuxKernel; readonly processes: LabProcesses } => {
  const kernel = startLinux(domain, { hugePages: largePages });
  const table = new ProcessTable(kernel);
  const places = placesIn(kernel);
  const firstPages = new Map<LabArea, number>();
  /** The program that each process runs; a child's is its parent's. */
  const images = new Map<number, Image>();

  const running = () => {
    const { running: process } = table;
    if (process === null || process.mm === null) throw new Error(`no process of ${domain.name} runs`);
    return { pid: process.pid, mm: process.mm };
  };
  const imageOf = (program: LabExecutable): Image => {
    const { code, data, zeroed } = partsOf(kernel, program);
    return { base: places.program, code, data: data + zeroed };
  };
  const firstOf = (area: LabArea): number => {
    const first = firstPages.get(area);
    if (first === undefined) throw new Error(`an area that ${domain.name} has not mapped`);
    return first;
  };
  const access = (vpn: number, write: boolean): void => {
    const { mm } = running();
    domain.account.charge(Mechanism.work, Event.access);
    if (!write && domain.mmu.hit(Region.user, vpn, false) !== NO_FRAME) return;
    const refusal = write ? writePage(kernel, mm, vpn) : touchPage(kernel, mm, vpn, false);
    if (isFinding(refusal)) throw new Error(refusal.detail);
  };

  const { pid } = table.start(executableOf(kernel, FIRST));
  images.set(pid, imageOf(FIRST));

  const processes: LabProcesses = {
    fork() {
      const parent = running();
      const child = table.fork();
      images.set(child.pid, images.get(parent.pid)!);
      return child.pid;
    },

    exec(program) {
      table.exec(executableOf(kernel, program));
      images.set(running().pid, imageOf(program));
    },

    exit() {
      if (table.all.filter(({ mm }) => mm !== null).length === 1)
        throw new Error(`the last process of ${domain.name} may not end`);
      images.delete(running().pid);
      table.exit();
    },

    wait: () => table.wait(),
    yield: () => table.yield(),

    run(code, data) {
      const image = images.get(running().pid)!;
      const pages = (kibibytes: number, most: number): number =>
        Math.min(most, Math.ceil((kibibytes * 1024) / kernel.pageBytes));
      for (let page = 0; page < pages(code, image.code); page += 1) access(image.base + page, false);
      for (let page = 0; page < pages(data, image.data); page += 1) access(image.base + image.code + page, true);
      access(kernel.shape.stackTop - 1, true);
    },

    map(pages) {
      const { mm } = running();
      const { entries } = kernel.shape;
      let first = places.areas;
      for (;;) {
        const [inTheWay] = areasIn(mm, first, first + pages);
        if (inTheWay === undefined) break;
        first = Math.ceil((inTheWay.firstPage + inTheWay.pages) / entries) * entries;
      }
      mapArea(kernel, mm, { firstPage: first, pages, writable: true, file: null });
      const area = { pages };
      firstPages.set(area, first);
      kernel.ops.returnToUser();
      return area;
    },

    unmap(area) {
      unmapRange(kernel, running().mm, firstOf(area), area.pages);
      kernel.ops.returnToUser();
    },

    protect(area, writable) {
      const refusal = protectRange(kernel, running().mm, { firstPage: firstOf(area), pages: area.pages, writable });
      if (refusal !== null) throw new Error(refusal.detail);
      kernel.ops.returnToUser();
    },

    touch(area, page, write) {
      access(firstOf(area) + page, write);
    },
  };
  return { kernel, processes };
};
