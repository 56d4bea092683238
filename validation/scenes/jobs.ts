import type { Account } from '../../engine/host/ledger.js';
import { exitMm } from '../../engine/linux/exit.js';
import { forkMm } from '../../engine/linux/fork.js';
import type { LinuxKernel } from '../../engine/linux/kernel.js';
import { mapArea, unmapRange } from '../../engine/linux/mmap.js';
import { touchPage } from '../../engine/linux/page-fault.js';
import { DYNAMIC_PROGRAM } from './dynamic-program.js';
import { type LibcCall, type ProgramPlan, type ProgramProcess, startProgram } from './program.js';

/** What the measured jobs do (xen-counts.yaml, jobs), in a program that is running, to the moment that it reads the counters. */
interface Job {
  readonly kernel: LinuxKernel;
  readonly process: ProgramProcess;
}

/** What the guest's own count of faults has in it beside the job. */
const FAULT_COUNT_PHASE = 'counting faults';

/** Faults of a job by the guest's own count. */
export const faultsByGuest = (account: Account): number =>
  account.count('guestPageFault', 'job') + account.count('guestPageFault', FAULT_COUNT_PHASE);

const begin = (kernel: LinuxKernel, plan: ProgramPlan): Job => {
  runBefore(kernel, plan);
  const process = startProgram(kernel, plan);
  kernel.domain.account.enter(FAULT_COUNT_PHASE);
  process.touch(plan.countingFaults[0]);
  kernel.domain.account.enter('job');
  plan.pace?.begin(kernel.domain);
  return { kernel, process };
};

/**
 * The machine has run programs before: one like this, which forks once and exits. So frames that were page tables are given out again
 * as something else, which under shadow tables takes exits that a machine without a past would not have.
 */
const runBefore = (kernel: LinuxKernel, plan: ProgramPlan): void => {
  const { mm } = forkAndWait(kernel, startProgram(kernel, plan));
  exitMm(kernel, mm);
};

const end = ({ kernel, process }: Job): void => {
  process.touch(process.plan.counting[1]);
  kernel.domain.account.enter(FAULT_COUNT_PHASE);
  process.touch(process.plan.countingFaults[1]);
};

/** A system call that does not block. */
const systemCall = (kernel: LinuxKernel, process: ProgramProcess, name: LibcCall): void => {
  process.call(name);
  comeBack(kernel, process);
};

/** The kernel is done with a system call, and goes back to the program. */
const comeBack = (kernel: LinuxKernel, { plan }: ProgramProcess): void => {
  plan.pace?.work(kernel.domain, 'systemCall');
  kernel.ops.returnToUser();
};

/** `times` system calls. */
export const syscallJob = (kernel: LinuxKernel, times: number, plan = DYNAMIC_PROGRAM): void => {
  const job = begin(kernel, plan);
  for (let call = 0; call < times; call += 1) systemCall(kernel, job.process, 'getppid');
  end(job);
};

/** Maps `mebibytes` of anonymous memory below the libraries, writes a byte in each page, unmaps it. */
export const touchJob = (kernel: LinuxKernel, mebibytes: number, plan = DYNAMIC_PROGRAM): void => {
  const job = begin(kernel, plan);
  const { mm } = job.process;
  const pages = mebibytes * 256;
  const firstPage = Math.floor((0x7_ffff_7000 - pages - 512) / 512) * 512;
  mapArea(kernel, mm, { firstPage, pages, writable: true, file: null });
  comeBack(kernel, job.process);
  for (let page = 0; page < pages; page += 1) touchPage(kernel, mm, firstPage + page, true);
  unmapRange(kernel, mm, firstPage, pages);
  comeBack(kernel, job.process);
  end(job);
};

/** `times` fork, _exit, waitpid. */
export const forkJob = (kernel: LinuxKernel, times: number, plan = DYNAMIC_PROGRAM): void => {
  const job = begin(kernel, plan);
  for (let fork = 0; fork < times; fork += 1) forkAndWait(kernel, job.process);
  end(job);
};

/** The process forks, and waits for the child to exit. Returns the process. */
const forkAndWait = (kernel: LinuxKernel, parent: ProgramProcess): ProgramProcess => {
  const child = forkProcess(kernel, parent);
  parent.call('waitpid');
  switchTo(kernel, child);
  comeOutOfFork(kernel, child);
  child.call('_exit');
  exitMm(kernel, child.mm);
  switchTo(kernel, parent);
  comeBack(kernel, parent);
  return parent;
};

/** `times` ping-pongs through two pipes between two processes, each of which waits for the other's byte. */
export const contextSwitchJob = (kernel: LinuxKernel, times: number, plan = DYNAMIC_PROGRAM): void => {
  const job = begin(kernel, plan);
  const { process } = job;
  for (const _ of ['there', 'back']) systemCall(kernel, process, 'pipe');
  const child = forkProcess(kernel, process);
  for (let pingPong = 0; pingPong < times; pingPong += 1) {
    systemCall(kernel, process, 'write');
    process.call('read');
    switchTo(kernel, child);
    if (pingPong === 0) {
      comeOutOfFork(kernel, child);
      systemCall(kernel, child, 'read');
    } else {
      comeBack(kernel, child);
    }
    systemCall(kernel, child, 'write');
    if (pingPong + 1 < times) child.call('read');
    switchTo(kernel, process);
    comeBack(kernel, process);
  }
  process.call('waitpid');
  switchTo(kernel, child);
  child.call('_exit');
  exitMm(kernel, child.mm);
  switchTo(kernel, process);
  comeBack(kernel, process);
  end(job);
};

/** The parent comes out of its fork and runs on; the child is ready. */
const forkProcess = (kernel: LinuxKernel, parent: ProgramProcess): ProgramProcess => {
  parent.call('fork');
  const child = parent.copy(forkMm(kernel, parent.mm));
  parent.plan.pace?.work(kernel.domain, 'fork');
  comeBack(kernel, parent);
  parent.touch(parent.plan.forked.parent);
  return child;
};

/**
 * The processor goes to another process. On the way back to the program, Linux 6.1 writes the number of the processor into the thread's
 * restartable sequence, which glibc has registered since 2.35 (kernel/rseq.c). A new child's id goes into the same page.
 */
const switchTo = (kernel: LinuxKernel, process: ProgramProcess): void => {
  kernel.ops.activate(process.mm);
  process.plan.pace?.work(kernel.domain, 'switch');
  process.touch([process.plan.thread]);
};

/** The child comes out of the fork, registers its list of robust locks, and has libc set its own state right. */
const comeOutOfFork = (kernel: LinuxKernel, child: ProgramProcess): void => {
  const [before, after] = child.plan.forked.child;
  comeBack(kernel, child);
  child.touch(before);
  comeBack(kernel, child);
  child.touch(after);
};

/** A process that runs in the job's phase. */
export const beginJob = (kernel: LinuxKernel, plan: ProgramPlan): ProgramProcess => begin(kernel, plan).process;

export type JobName = 'syscall 1000' | 'fork 100' | 'touch 64' | 'ctxsw 1000';

/** The recorded jobs, at their recorded sizes. */
export const JOBS: readonly (readonly [name: JobName, run: (kernel: LinuxKernel, plan?: ProgramPlan) => void])[] = [
  ['syscall 1000', (kernel, plan) => syscallJob(kernel, 1000, plan)],
  ['fork 100', (kernel, plan) => forkJob(kernel, 100, plan)],
  ['touch 64', (kernel, plan) => touchJob(kernel, 64, plan)],
  ['ctxsw 1000', (kernel, plan) => contextSwitchJob(kernel, 1000, plan)],
];
