/** A number, or a text where the data file gives no number: banks of memory, a refusal. */
export type Figure = number | string;

/** One figure of the data files. */
export interface Case {
  /** Built from the data file's own keys, with the file first: `xen/balloon/pv/flushes`. */
  readonly id: string;
  readonly source: 'xen' | 'published';
  readonly what: string;
  readonly unit: string;
  readonly expected: Figure;
  /** What the row that it stands in was measured on, by the data file's keys. */
  readonly conditions: Readonly<Record<string, Figure>>;
}

/** The figures of the data files, for predictions to look up what they are asked for. */
export interface CaseBook {
  readonly cases: readonly Case[];
  /** Cases whose id starts so. */
  readonly under: (start: string) => readonly Case[];
  /** The recorded number of a case: only for what the data files say may calibrate, and for the cost of the null job. */
  readonly recorded: (id: string) => number;
  /** A number of a published row that may set a cost and is never scored: `MIG-11`, `MIG-11/also/sys`, `MEM-01/split/notify`. */
  readonly calibration: (id: string) => number;
}
