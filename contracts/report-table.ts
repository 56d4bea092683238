/** Shares of a scale from 0 (its left end) to 1: an interval and the point in it. */
export interface TableBar {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

/** What a cell says beyond its text. `absent` stands where there is no figure: its text is words. */
export type Tone = 'plain' | 'holds' | 'fails' | 'absent';

export interface TableCell {
  readonly text: string;
  /** A second, smaller line: an interval, a reason. Empty when there is none. */
  readonly note: string;
  readonly tone: Tone;
  readonly bar: TableBar | null;
}

export interface TableColumn {
  readonly title: string;
  readonly numeric: boolean;
}

export interface TableGroup {
  /** Empty for rows that stand without a heading. */
  readonly title: string;
  readonly rows: readonly { readonly title: string; readonly note: string; readonly cells: readonly TableCell[] }[];
}

/** A table whose first column heads its rows. `columns[0]` is the title of that column. */
export interface ReportTable {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly groups: readonly TableGroup[];
}
