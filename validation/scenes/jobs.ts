import { exitMm } from '../../engine/linux/exit.js';
import { forkMm } from '../../engine/linux/fork.js';
import type { LinuxKernel } from '../../engine/linux/kernel.js';
import type { Mm } from '../../engine/linux/mm.js';
import { mapArea, unmapRange } from '../../engine/linux/mmap.js';
import { touchPage } from '../../engine/linux/page-fault.js';
import { type Program, startProgram } from './dynamic-program.js';

/** What the measured jobs do (xen-counts.yaml, jobs), from the moment that the program itself begins. */

/** `times` system calls; the first use of their wrapper touches a new stretch of libc. */
export const syscallJob = (kernel: LinuxKernel, times: number): void => {
  const program = startProgram(kernel);
  begin(kernel, program);
  touchPage(kernel, program.mm, program.page('libc text', 200), false);
  for (let call = 0; call < times; call += 1) kernel.ops.returnToUser();
};

/** Maps `mebibytes` of anonymous memory, writes a byte in each page, unmaps it. */
export const touchJob = (kernel: LinuxKernel, mebibytes: number): void => {
  const program = startProgram(kernel);
  begin(kernel, program);
  const pages = mebibytes * 256;
  const firstPage = Math.floor((program.page('thread storage', 0) - pages - 512) / 512) * 512;
  mapArea(kernel, program.mm, { firstPage, pages, writable: true, file: null });
  kernel.ops.returnToUser();
  for (let page = 0; page < pages; page += 1) touchPage(kernel, program.mm, firstPage + page, true);
  unmapRange(kernel, program.mm, firstPage, pages);
  kernel.ops.returnToUser();
};

/** `times` fork, _exit, waitpid. */
export const forkJob = (kernel: LinuxKernel, times: number): void => {
  const program = startProgram(kernel);
  begin(kernel, program);
  for (let fork = 0; fork < times; fork += 1) {
    const child = forkChild(kernel, program);
    kernel.ops.activate(child);
    runChild(kernel, program, child);
    endChild(kernel, program, child);
  }
};

/** `times` ping-pongs through a pipe between two processes. */
export const contextSwitchJob = (kernel: LinuxKernel, times: number): void => {
  const program = startProgram(kernel);
  begin(kernel, program);
  const { ops } = kernel;
  for (const _ of ['pipe', 'pipe']) ops.returnToUser();
  const child = forkChild(kernel, program);
  // The wrappers of read and write are a stretch of libc of their own, on either side.
  touchPage(kernel, program.mm, program.page('libc text', 150), false);
  ops.activate(child);
  runChild(kernel, program, child);
  touchPage(kernel, child, program.page('libc text', 150), false);
  for (let pingPong = 0; pingPong < times; pingPong += 1) {
    for (const _ of ['read', 'write']) ops.returnToUser();
    ops.activate(program.mm);
    for (const _ of ['read', 'write']) ops.returnToUser();
    ops.activate(child);
  }
  endChild(kernel, program, child);
};

/** What is mapped of files when a program begins: the stretch that main itself runs in. */
export const begin = (kernel: LinuxKernel, { mm, page }: Program): void => {
  for (const [area, at] of RUNNING) touchPage(kernel, mm, page(area, at), false);
  kernel.domain.account.enter('job');
};

/** Stretches of files that every process of the program runs in or reads: a child finds none of them mapped. */
const RUNNING: readonly (readonly [area: string, page: number])[] = [
  ['program header', 0],
  ['program text', 0],
  ['program constants', 0],
  ['libc text', 0],
  ['libc text', 60],
  ['libc text', 100],
  ['libc text', 240],
  ['libc text', 320],
  ['libc constants', 10],
  ['vdso', 0],
  ['loader header', 0],
  ['libc header', 37],
];

/** The parent forks and goes on to wait: its stack and thread storage are written on the way. */
const forkChild = (kernel: LinuxKernel, { mm, page }: Program): Mm => {
  const child = forkMm(kernel, mm);
  kernel.ops.returnToUser();
  touchPage(kernel, mm, page('stack', 0), true);
  touchPage(kernel, mm, page('thread storage', 0), true);
  return child;
};

/** The child comes back from fork, runs the libc's and its own code, and has set its thread up. */
const runChild = (kernel: LinuxKernel, { page }: Program, child: Mm): void => {
  kernel.ops.returnToUser();
  for (const area of ['stack', 'thread storage', 'libc data', 'libc zeroed'])
    touchPage(kernel, child, page(area, 1), true);
  for (const [area, at] of RUNNING) touchPage(kernel, child, page(area, at), false);
  kernel.ops.returnToUser();
};

/** The child exits and the parent comes back from its wait. */
const endChild = (kernel: LinuxKernel, program: Program, child: Mm): void => {
  exitMm(kernel, child);
  kernel.ops.activate(program.mm);
  kernel.ops.returnToUser();
};
