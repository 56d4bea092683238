import type { Bursty } from './patterns/bursty.js';
import type { LabHostMemory } from './host-memory.js';
import type { LabNodes } from './nodes.js';
import type { LabPolicy, LabPolicyRules } from './policy.js';
import type { HotAndCold } from './patterns/hot-and-cold.js';
import type { LabDrivers, LabStation } from './driver-types.js';
import type { AccessPattern, MechanismName, Migration, RandomStream, Restored, SavedGuest } from '../engine/index.js';

/** A number that a study may set. */
export interface WorkloadParameter {
  readonly title: string;
  readonly default: number;
  /** The unit of the value that `run` gets, e.g. `MiB`, `pages/s`, `%`; empty for a plain count. */
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
}

export interface WorkloadMetric {
  readonly title: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** What it means, in a sentence. Every metric of a built-in workload has one. */
  readonly description?: string;
  /** Where a map over two parameters draws a line, and what holds where the metric is below it, and at it or above. */
  readonly frontier?: { readonly at: number; readonly below: string; readonly above: string };
}

export interface WorkloadSeries {
  readonly title: string;
  readonly unit: string;
  /** What one step is, e.g. `round`. */
  readonly index: string;
  /** Its steps have times, and stand on a time line: as blocks or as a curve in a track of their own, or as a pause across all tracks. */
  readonly timeLine?: 'blocks' | 'curve' | 'pause';
}

/** When each step of a series begins and ends, in seconds since whatever the workload measures began. */
export interface StepTimes {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * One experiment, in a file of its own. It names no memory model: `lab` builds every domain in the role that the
 * alternative under test gives it, so the same file runs under all of them.
 *
 * A user's file needs nothing installed: it imports this type only.
 */
export interface Workload {
  /** `suite/name`. */
  readonly id: string;
  readonly title: string;
  /** Markdown: what is done, and what the metrics mean. */
  readonly description: string;
  readonly parameters: Readonly<Record<string, WorkloadParameter>>;
  readonly metrics: Readonly<Record<string, WorkloadMetric>>;
  readonly series?: Readonly<Record<string, WorkloadSeries>>;
  /** Names of the recorded traces that it replays. */
  readonly traces?: readonly string[];
  run(lab: Lab, parameters: Readonly<Record<string, number>>): void | Promise<void>;
}

/** What CPU time is spent on. */
export type LabMechanism = MechanismName;

/** What a domain was charged so far. */
export interface LabUse {
  /** CPU time in nanoseconds. */
  readonly ns: number;
  /** Of it in the hypervisor. */
  readonly hypervisorNs: number;
  /** Of it for translations that a TLB did not have: walks by the hardware, and what kernel and hypervisor do to put one there. */
  readonly translationNs: number;
  readonly hypercalls: number;
  /** Entries into the hypervisor that are no hypercalls: faults and privileged instructions. */
  readonly exits: number;
}

/** A program as a file, in KiB. Code is shared by all that run it; each has its data for itself once it writes there. */
export interface LabExecutable {
  readonly code: number;
  readonly data: number;
  /** Data that is all zeroes at the start and takes nothing in the file. */
  readonly zeroed: number;
}

/** Memory that a process has mapped, and its children after it. Opaque to a workload but for its size. */
export interface LabArea {
  readonly pages: number;
}

/**
 * The processes of a domain, under a Linux kernel with one virtual processor. One of them runs, and all that is done here it does. Only
 * what memory costs is counted: faults, page tables, copies, flushes and misses, and no other work of a kernel.
 */
export interface LabProcesses {
  /** Copies the process that runs. The copy's turn comes by `yield` or `exit`; the number of the copy. */
  fork(): number;
  /** The process becomes another program. Its areas are gone. */
  exec(program: LabExecutable): void;
  /** The process ends, and the next one runs. The last one of all may not end. */
  exit(): void;
  /** Forgets a child that has ended: its number, or null when there is none. */
  wait(): number | null;
  /** The next process runs, and this one has its turn after all others. */
  yield(): void;
  /** Runs through this much of the program's code, and writes this much of its data, in KiB, and its stack. */
  run(code: number, data: number): void;
  /** Maps memory that is all zeroes and takes no frames before it is touched. */
  map(pages: number): LabArea;
  unmap(area: LabArea): void;
  /** Takes the right to write to an area, or gives it back. */
  protect(area: LabArea, writable: boolean): void;
  /** Reads or writes a page of an area, from 0 to `pages` − 1. */
  touch(area: LabArea, page: number, write: boolean): void;
}

/** A running program of a guest. */
export interface LabProgram {
  /** Accesses made so far. */
  readonly accesses: number;
}

/** A tool by which domains move; the one of January 2006 unless another is named. */
export type LabTool = '2006' | '2006 with rate limiter' | 'today' | 'post-copy';

/** A link between hosts, which domains that move at the same time share. Opaque to a workload. */
export interface LabLink {
  /** Bytes that it has carried. */
  readonly bytes: number;
}

/** A link, and what happens to it, as shares of some memory that it has carried by then. */
export interface LabLinkOptions {
  /** Share of the bandwidth of the platform's link; 1 unless it is given. */
  readonly bandwidth?: number;
  /** The memory that shares are of, in MiB. */
  readonly memory?: number;
  /** From this share on it has so much of its bandwidth; both 0 to 1, but the share may be more. */
  readonly slows?: { readonly afterShare: number; readonly to: number };
  /** From this share on it carries nothing any more. */
  readonly failsAfterShare?: number;
}

export interface LabMove {
  readonly domain: LabDomain;
  readonly to: LabHost;
}

export interface LabMoveOptions {
  readonly link?: LabLink;
  readonly tool?: LabTool;
}

/** How a migration went, and how fast the domain's program ran meanwhile. */
export interface LabMigration extends Migration {
  /** Accesses of the program in each step of `stepSeconds` from the start of the migration to its end. */
  readonly accesses: readonly number[];
}

/** A domain on disk. */
export type LabSaved = SavedGuest;

/** A domain in one of the roles. */
export interface LabDomain {
  readonly name: string;
  /** CPU time charged to it so far, in nanoseconds. */
  readonly cpuNs: number;
  /** CPU time charged to it so far, by what it was for, in nanoseconds. */
  cpuNsBy(): Readonly<Partial<Record<LabMechanism, number>>>;
  /** What it was charged so far, split by where the processor was. */
  use(): LabUse;
  /**
   * Bytes that serve its address spaces and hold nothing of its own: its page tables, the array of a P2M kernel, descriptors that a P==M kernel
   * made for frames of others, and frames that the hypervisor keeps for it.
   */
  readonly overheadBytes: number;
  /** Pages of its memory. */
  readonly pages: number;
  /** Pages of its memory that nothing uses yet. */
  readonly freePages: number;
  /**
   * Starts a program: its pages are put at scattered frames of the guest, and it goes through the pattern at `rate`
   * accesses a second, less what faults cost it.
   */
  start(pattern: AccessPattern, options: { readonly rate: number }): LabProgram;
  /** Starts processes in it, the first of which runs, in place of a single program. Large pages where it asks for them and they can be. */
  processes(options?: { readonly largePages?: boolean }): LabProcesses;
  /** Its kernel reads or writes one of its own pages, by number from 0 to `freePages` − 1 as counted at the start. */
  touchKernel(page: number, write: boolean): void;
  /** Sends a page of its memory through the network stack by DMA, without copying it. */
  sendByDma(page: number): void;
  /**
   * Balloons so many of its free pages out, from anywhere in its memory; how many went. A refusal is a finding. By a hypercall each, or so
   * many by one operation.
   */
  balloonOut(pages: number, anOperation?: number): number;
  /** Balloons in again what it had ballooned out, or so many pages of it; how many came. A refusal is a finding, and ends an operation. */
  balloonIn(pages?: number, anOperation?: number): number;
  /** Frames of its own whose machine address it has without asking the hypervisor. */
  machineAddresses(): number;
  /** Gives it a device to drive, without an IOMMU; false when that is refused, which is recorded as a finding. */
  assignDevice(): boolean;
  /** Tries to insert every frame of another domain that it was given no right to: how many of them it reached. */
  reach(other: LabDomain): { readonly tried: number; readonly reached: number };
}

export interface LabHost {
  readonly name: string;
  /** The control domain, built with the host. */
  readonly control: LabDomain;
  /** Builds a domain; null when that is refused, which is recorded as a finding. Memory in MiB. */
  build(role: 'guest' | 'driver', name: string, memory: number): LabDomain | null;
  /** Has the control domain destroy a domain, with its memory scrubbed; false when that is refused, which is recorded as a finding. */
  destroy(domain: LabDomain): boolean;
  /** Bytes that belong to nobody. */
  readonly freeBytes: number;
  /** What the hypervisor was charged to build the control domain. */
  bootUse(): LabUse;
  /** Pages of memory that are installed. */
  readonly installedPages: number;
}

/** A part of a metric; `waiting` where nobody works and something is waited for. */
export interface LabPart {
  readonly title: string;
  readonly waiting: boolean;
  readonly value: number;
}

/** What a workload works with. All of it is virtual: time, hosts, memory. */
export interface Lab {
  /** Bytes of a page on the platform. */
  readonly pageBytes: number;
  /** Makes a host with its control domain; the first one's control domain is called `control`. Null when refused. */
  host(name: string): LabHost | null;
  /**
   * Hosts of the platform's parts with so many nodes, 1, 2, 4 or 8, and this memory in MiB; asked for before any host is made.
   * Null where the platform has no nodes, which is recorded as a finding.
   */
  nodes(count: number, memory: { readonly node: number; readonly control: number }): LabNodes | null;
  /**
   * Hosts whose memory the hypervisor or the control domain hands out, asked for before any host is made. Null where nodes are asked for and
   * the platform has none, which is recorded as a finding.
   */
  policy(rules: LabPolicyRules): LabPolicy | null;
  /** Virtual time in seconds. */
  readonly seconds: number;
  /** Lets this much virtual time pass. */
  advance(seconds: number): void;
  /** A random stream that is the same under every alternative. */
  random(id: string): RandomStream;
  /** Patterns of memory access. */
  readonly patterns: {
    /** Accesses uniformly at random over `pages`; `writeShare` of them write (0 to 1). */
    uniform(options: {
      readonly pages: number;
      readonly writeShare: number;
      readonly stream: RandomStream;
    }): AccessPattern;
    /** Most accesses go to the first pages of all, `hotPages` of them, and the others to the rest. */
    hotAndCold(options: HotAndCold): AccessPattern;
    /** Writes every page once, in order, in a burst, and then computes; over and over. */
    bursty(options: Bursty): AccessPattern;
    /** Writes page after page, round and round: no write goes to a page that is dirty already before all are. */
    sweep(options: { readonly pages: number; readonly downwards: boolean }): AccessPattern;
    /** A recorded program, over and over, from a random place of it. */
    recorded(trace: string, stream: RandomStream): AccessPattern;
    /** One word of a pattern of one's own, to put into the buffer that `fill` gets. */
    access(page: number, write: boolean, repeats?: number): number;
  };
  /**
   * Has the control domain move a running domain to another host. Every page's contents are compared on arrival, or at the
   * source when it did not arrive; null when it is refused or fails, which is recorded as a finding.
   */
  migrate(domain: LabDomain, to: LabHost, options?: LabMoveOptions): LabMigration | null;
  /** Moves domains at the same time; in their order, what `migrate` gives. */
  migrateTogether(moves: readonly LabMove[], options?: LabMoveOptions): readonly (LabMigration | null)[];
  /** A link as the platform has it, or slower or faster, to which something may happen. */
  link(options?: LabLinkOptions): LabLink;
  /** Has the control domain save a domain to a disk of so many MiB/s; null when it is refused. */
  save(domain: LabDomain, options: { readonly diskRate: number; readonly keepsFrames?: boolean }): LabSaved | null;
  /** Has the control domain of a host bring a domain back that was saved; null when it is refused. */
  restore(saved: LabSaved, domain: LabDomain, to: LabHost, options: { readonly diskRate: number }): Restored | null;
  /** Devices and split drivers. */
  readonly drivers: LabDrivers;
  /** Banks that come and go, more memory than there is, and how it lies. */
  readonly memory: LabHostMemory;
  /** Cycles of a processor in a nanosecond. */
  readonly clockGHz: number;
  /** Seconds of a step of `LabMigration.accesses`. */
  readonly stepSeconds: number;
  measure(metric: string, value: number): void;
  /** Keeps a series; one that stands on a time line has a time for each of its values. */
  record(series: string, values: readonly number[], times?: StepTimes): void;
  /** What a metric of elapsed time is the sum of, along the critical path, in the metric's unit. */
  explain(metric: string, parts: readonly LabPart[]): void;
  /** Keeps the way that pages went, from where they began to the device, so that it can be drawn. */
  chain(stations: readonly LabStation[]): void;
}
