import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Executable, execMm } from './exec.js';
import { exitMm } from './exit.js';
import { forkMm } from './fork.js';
import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';

export interface Process {
  readonly pid: number;
  /** Who reaps it: its parent, or the first process once its parent has gone. */
  parent: Process | null;
  /** Its address space; null once it has exited, until it is reaped. */
  mm: Mm | null;
}

/** The processes of a kernel with one virtual processor: one runs, others are ready, and some wait to be reaped. */
export class ProcessTable implements Checkpointed {
  readonly #kernel: LinuxKernel;
  readonly #processes = new Map<number, Process>();
  /** Those that can run, the next one first. */
  #ready: Process[] = [];
  #running: Process | null = null;
  #lastPid = 0;

  constructor(kernel: LinuxKernel) {
    this.#kernel = kernel;
  }

  /** Every process that was not reaped yet, by pid. */
  get all(): readonly Process[] {
    return [...this.#processes.values()];
  }

  get running(): Process | null {
    return this.#running;
  }

  /** Starts a program in a process without a parent, which runs at once. */
  start(executable: Executable): Process {
    if (this.#running !== null) this.#ready.push(this.#running);
    const process = this.#add(null, execMm(this.#kernel, null, executable));
    this.#running = process;
    return process;
  }

  /** The running process forks; the child is ready, and the parent goes on. */
  fork(): Process {
    const parent = this.#runningProcess();
    const child = this.#add(parent, forkMm(this.#kernel, parent.mm!));
    this.#ready.push(child);
    this.#kernel.ops.returnToUser();
    return child;
  }

  /** The running process becomes another program. */
  exec(executable: Executable): void {
    const process = this.#runningProcess();
    process.mm = execMm(this.#kernel, process.mm, executable);
  }

  /** The running process gives the processor to the next one that is ready. */
  yield(): void {
    const next = this.#ready.shift();
    if (next === undefined) return;
    if (this.#running !== null) this.#ready.push(this.#running);
    this.#switchTo(next);
  }

  /** The running process exits: its memory is torn down, it stays until it is reaped, and the next one runs. */
  exit(): void {
    const process = this.#runningProcess();
    exitMm(this.#kernel, process.mm!);
    process.mm = null;
    const heir = this.#firstAlive();
    for (const child of this.#processes.values()) if (child.parent === process) child.parent = heir;
    this.#running = null;
    const next = this.#ready.shift();
    if (next !== undefined) this.#switchTo(next);
  }

  /** The running process reaps a child that has exited, or one that is nobody's: its pid, or null when there is none. */
  wait(): number | null {
    const parent = this.#runningProcess();
    const isFirst = parent === this.#firstAlive();
    for (const child of this.#processes.values()) {
      if (child.mm !== null || (child.parent !== parent && !(isFirst && child.parent === null))) continue;
      this.#processes.delete(child.pid);
      return child.pid;
    }
    return null;
  }

  #add(parent: Process | null, mm: Mm): Process {
    this.#lastPid += 1;
    const process = { pid: this.#lastPid, parent, mm };
    this.#processes.set(process.pid, process);
    return process;
  }

  #switchTo(process: Process): void {
    this.#running = process;
    this.#kernel.ops.activate(process.mm);
    this.#kernel.ops.returnToUser();
  }

  #firstAlive(): Process | null {
    for (const process of this.#processes.values()) if (process.mm !== null) return process;
    return null;
  }

  #runningProcess(): Process {
    if (this.#running === null) throw new Error(`no process of ${this.#kernel.domain.name} runs`);
    return this.#running;
  }

  /** Its kernel was saved before. */
  checkpoint(archive: Archive): void {
    const numbered = [...this.#processes.values()];
    const processes = archive.list('processes', numbered, (each, process): Process => {
      const mms = each.tracked('mm', process === null || process.mm === null ? [] : [process.mm]);
      const made = { pid: each.value('pid', process?.pid ?? 0), parent: null, mm: mms[0] ?? null };
      archive.track(process ?? made);
      return made;
    });
    processes.forEach((process, index) => {
      const [parent = null] = archive.tracked(`parent ${index}`, process.parent === null ? [] : [process.parent]);
      process.parent = parent;
    });
    this.#processes.clear();
    for (const process of processes) this.#processes.set(process.pid, process);
    this.#ready = archive.tracked('ready', this.#ready);
    [this.#running = null] = archive.tracked('running', this.#running === null ? [] : [this.#running]);
    this.#lastPid = archive.value('lastPid', this.#lastPid);
  }
}
