/** The result of one run of one workload under one alternative: one line of JSON in the run store. Types only. */
import type { RunFrameMap } from './frame-map.js';

export interface RunFinding {
  /** What was asked, e.g. `migrate`. */
  readonly operation: string;
  readonly model: string;
  /** The rule that refused it, as a stable id, e.g. `same-frames-free`. */
  readonly rule: string;
  /** Which frame or domain, in a sentence. */
  readonly detail: string;
}

/** Count of one event in one domain and phase, and the time it cost. */
export interface LedgerRow {
  readonly domain: string;
  readonly phase: string;
  readonly event: string;
  readonly mechanism: string;
  readonly count: number;
  readonly nanoseconds: number;
}

export interface RunMetric {
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly title: string;
  /** Where a map over two parameters draws a line, and what holds on either side of it. */
  readonly frontier?: { readonly at: number; readonly below: string; readonly above: string };
}

/** A part of a metric of elapsed time, in the metric's unit. */
export interface MetricPart {
  readonly title: string;
  /** Nobody works meanwhile: something is waited for. */
  readonly waiting: boolean;
  readonly value: number;
}

export interface RunSeries {
  readonly title: string;
  readonly unit: string;
  /** What one step of the index is, e.g. `round`. */
  readonly index: string;
  readonly values: readonly number[];
  /** How it stands on a time line: as blocks or a curve in a track, or as a pause across all tracks. Only with `times`. */
  readonly timeLine?: 'blocks' | 'curve' | 'pause';
  /** When each step begins and ends, in seconds since what is measured began. */
  readonly times?: { readonly starts: readonly number[]; readonly ends: readonly number[] };
}

/** A domain on the way of pages to a device, or the device itself, as one run went. Counts and bytes are a packet. */
export interface RunStation {
  readonly name: string;
  /** Id of its memory model; null for the device. */
  readonly model: string | null;
  /** Pages of the station before that it mapped. */
  readonly mapped: number;
  /** Bytes that were copied for it of what came. */
  readonly copiedIn: number;
  /** Bytes that it copied since it could not hand pages on as they were. */
  readonly copiedOn: number;
  /** Pages that it handed on as they were. */
  readonly handedOn: number;
  /** The rule by which it could not hand pages on, or not be connected to the next station; null when nothing was refused. */
  readonly refusedBy: string | null;
}

export interface RunResult {
  /** Hash of all that the run depends on. */
  readonly key: string;
  readonly study: string;
  readonly alternative: string;
  readonly workload: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
  /** 0 has the platform's own costs; the others draw them from their ranges. The same draw has the same costs under every alternative. */
  readonly draw: number;
  readonly metrics: Readonly<Record<string, RunMetric>>;
  readonly series: Readonly<Record<string, RunSeries>>;
  /** Metric to the parts along the critical path that it is the sum of, where the workload states them. */
  readonly parts?: Readonly<Record<string, readonly MetricPart[]>>;
  /** The way of pages from where they began to the device, where the workload has one to show. It begins later where it was refused. */
  readonly chain?: readonly RunStation[];
  /** Who had the host's memory, at each moment that the workload kept. */
  readonly frameMaps?: readonly RunFrameMap[];
  readonly findings: readonly RunFinding[];
  readonly ledger: readonly LedgerRow[];
  /** Set when the run failed by a fault in the workload or the engine; then metrics may be missing. */
  readonly failure: string | null;
  readonly engineVersion: string;
}

/** An input of the runs, with its source. `value` to `high` are in `unit`. */
export interface CostInput {
  readonly event: string;
  readonly title: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly source: string;
  readonly assumed: boolean;
  /** The multiplier of each draw, relative to `value`; draw 0 is 1. */
  readonly factors: readonly number[];
}

/** Written beside the runs: everything resolved that they were made from. */
export interface RunManifest {
  readonly study: string;
  readonly engineVersion: string;
  readonly platform: {
    readonly id: string;
    readonly title: string;
    /** Memory model id to its name in words. */
    readonly models: Readonly<Record<string, string>>;
    /** Settings that are no costs: sizes, counts, rates. */
    readonly settings: readonly {
      readonly name: string;
      readonly title: string;
      readonly value: string;
      readonly unit: string;
      readonly source: string;
      readonly assumed: boolean;
    }[];
  };
  readonly costs: readonly CostInput[];
  readonly workloads: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    readonly parameters: readonly {
      readonly name: string;
      readonly value: number;
      readonly unit: string;
      readonly title: string;
    }[];
    /** Provenance of a recorded trace, or null. */
    readonly trace: Readonly<Record<string, string>> | null;
  }[];
  /** File name to SHA-256, of every input file. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The command that makes these results again. */
  readonly command: string;
}
