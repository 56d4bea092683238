import type { AccessPattern, Migration, RandomStream } from '../engine/index.js';

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
}

export interface WorkloadSeries {
  readonly title: string;
  readonly unit: string;
  /** What one step is, e.g. `round`. */
  readonly index: string;
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

/** A running program of a guest. */
export interface LabProgram {
  /** Accesses made so far. */
  readonly accesses: number;
}

/** A domain in one of the roles. */
export interface LabDomain {
  readonly name: string;
  /** CPU time charged to it so far, in nanoseconds. */
  readonly cpuNs: number;
  /** Pages of its memory that nothing uses yet. */
  readonly freePages: number;
  /**
   * Starts a program: its pages are put at scattered frames of the guest, and it goes through the pattern at `rate`
   * accesses a second, less what faults cost it.
   */
  start(pattern: AccessPattern, options: { readonly rate: number }): LabProgram;
  /** Its kernel reads or writes one of its own pages, by number from 0 to `freePages` − 1 as counted at the start. */
  touchKernel(page: number, write: boolean): void;
  /** Sends a page of its memory through the network stack by DMA, without copying it. */
  sendByDma(page: number): void;
  /** Tries to insert every frame of another domain that it was given no right to: how many of them it reached. */
  reach(other: LabDomain): { readonly tried: number; readonly reached: number };
}

export interface LabHost {
  readonly name: string;
  /** The control domain, built with the host. */
  readonly control: LabDomain;
  /** Builds a domain; null when that is refused, which is recorded as a finding. Memory in MiB. */
  build(role: 'guest' | 'driver', name: string, memory: number): LabDomain | null;
}

/** What a workload works with. All of it is virtual: time, hosts, memory. */
export interface Lab {
  /** Bytes of a page on the platform. */
  readonly pageBytes: number;
  /** Makes a host with its control domain; the first one's control domain is called `control`. Null when refused. */
  host(name: string): LabHost | null;
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
    /** A recorded program, over and over, from a random place of it. */
    recorded(trace: string, stream: RandomStream): AccessPattern;
    /** One word of a pattern of one's own, to put into the buffer that `fill` gets. */
    access(page: number, write: boolean, repeats?: number): number;
  };
  /**
   * Has the control domain move a running domain to another host. Every page's contents are compared on arrival; null
   * when it is refused, which is recorded as a finding.
   */
  migrate(domain: LabDomain, to: LabHost): Migration | null;
  measure(metric: string, value: number): void;
  record(series: string, values: readonly number[]): void;
}
