/** The whole report as data: templates only lay it out. Every number that is read is already text. Types only. */

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

interface ChartBase {
  /** Unique on the page, usable in a file name. */
  readonly id: string;
  readonly title: string;
  /** The workload it is of, or empty: the title of a chart that stands alone has both. */
  readonly context: string;
  /** What the chart shows and how to read it. */
  readonly description: string;
  /** What a reader who cannot see the chart needs to know beyond that. */
  readonly summary: string;
  /** The figures of the chart. */
  readonly table: ReportTable;
}

/** Lines over an index, a panel an alternative, on one shared scale. */
export interface SeriesChart extends ChartBase {
  readonly kind: 'series';
  readonly index: string;
  readonly unit: string;
  readonly scale: 'linear' | 'log';
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    /** Words in place of a line, or empty. */
    readonly absent: string;
    readonly points: readonly {
      readonly index: number;
      readonly low: number;
      readonly value: number;
      readonly high: number;
    }[];
  }[];
}

/** A point with its interval for each row; panels share the scale. */
export interface IntervalChart extends ChartBase {
  readonly kind: 'intervals';
  readonly unit: string;
  readonly panels: readonly {
    readonly title: string;
    readonly rows: readonly {
      readonly label: string;
      readonly interval: { readonly low: number; readonly mid: number; readonly high: number } | null;
      /** The point's value, or why there is none. */
      readonly text: string;
    }[];
  }[];
}

export type StepKind = 'total' | 'more' | 'less';

/** From a total to another by steps that sum exactly to their difference. */
export interface WaterfallChart extends ChartBase {
  readonly kind: 'waterfall';
  /** What the axis measures, e.g. `CPU time`. */
  readonly measure: string;
  readonly better: 'lower' | 'higher';
  readonly unit: string;
  /** Ends of the axis, shared by the waterfalls of one workload. `start` is 0 unless the steps are too small to see beside the totals. */
  readonly start: number;
  readonly end: number;
  readonly steps: readonly {
    readonly label: string;
    readonly kind: StepKind;
    readonly from: number;
    readonly to: number;
    readonly text: string;
  }[];
}

/** Share of samples at each rank, a panel a profile. */
export interface RankChart extends ChartBase {
  readonly kind: 'ranks';
  readonly panels: readonly {
    readonly title: string;
    readonly rows: readonly {
      readonly label: string;
      readonly shares: readonly { readonly rank: string; readonly share: number; readonly text: string }[];
      /** Words in place of the shares, or empty. */
      readonly absent: string;
    }[];
  }[];
}

/** Parts of one time along its critical path, a panel an alternative, on one scale. */
export interface PartsChart extends ChartBase {
  readonly kind: 'parts';
  readonly unit: string;
  readonly panels: readonly {
    readonly title: string;
    /** The whole, or empty. */
    readonly note: string;
    /** Words in place of the bars, or empty. */
    readonly absent: string;
    readonly rows: readonly {
      readonly label: string;
      readonly value: number;
      readonly waiting: boolean;
      readonly text: string;
    }[];
  }[];
}

/** Work by what it was spent on: a bar an alternative, its parts after each other, numbered. */
export interface StackChart extends ChartBase {
  readonly kind: 'stack';
  readonly unit: string;
  /** Kinds of part, in the order in which they stand in every bar. */
  readonly keys: readonly string[];
  readonly bars: readonly {
    readonly label: string;
    /** The whole, or words in place of the bar. */
    readonly text: string;
    readonly absent: boolean;
    /** In the order of `keys`. */
    readonly parts: readonly number[];
  }[];
}

/** Two measures beside each other, of rows in groups: a point with its interval for each, each measure on a scale of its own from 0. */
export interface PairsChart extends ChartBase {
  readonly kind: 'pairs';
  /** Two, from left to right; `end` is where the scale ends. */
  readonly measures: readonly { readonly title: string; readonly unit: string; readonly end: number }[];
  readonly groups: readonly {
    readonly title: string;
    readonly rows: readonly {
      readonly label: string;
      /** In the order of `measures`; null where there are none. */
      readonly figures:
        | readonly { readonly low: number; readonly mid: number; readonly high: number; readonly text: string }[]
        | null;
      /** Words in place of the figures, or empty. */
      readonly absent: string;
    }[];
  }[];
}

/** What becomes of a page between two stations. */
export type PassageKind = 'mapped' | 'copied' | 'handed on' | 'refused' | 'read by DMA';

/** The way of pages through domains to a device, a panel an alternative. Panels end at the same station. */
export interface ChainChart extends ChartBase {
  readonly kind: 'chain';
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    /** Words in place of the way, or empty. */
    readonly absent: string;
    readonly stations: readonly {
      readonly label: string;
      /** On the way to the next station; none where nothing goes on. */
      readonly passages: readonly { readonly kind: PassageKind; readonly text: string }[];
    }[];
  }[];
}

/** How far the first leads with one input at either end of its range, a bar an input. */
export interface TornadoChart extends ChartBase {
  readonly kind: 'tornado';
  readonly unit: string;
  /** With every input at its likely value. */
  readonly nominal: number;
  readonly bars: readonly {
    readonly label: string;
    readonly low: number;
    readonly high: number;
    readonly text: string;
  }[];
}

/** A lead in points of the score over a workload's parameter, or odds over the number of samples: a panel each, on one scale. */
export interface LeadChart extends ChartBase {
  readonly kind: 'leads';
  /** Levels to draw across every panel, such as no lead at all. */
  readonly levels: readonly number[];
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    readonly unit: string;
    readonly scale: 'linear' | 'log';
    readonly low: number;
    readonly high: number;
    /** The study's own value, where it lies in the range. */
    readonly nominal: number | null;
    readonly points: readonly { readonly at: number; readonly lead: number }[];
    readonly crossings: readonly { readonly low: number; readonly high: number }[];
  }[];
}

/** What one run did when: tracks above each other over time, a panel an alternative, on shared scales. */
export interface TimeLineChart extends ChartBase {
  readonly kind: 'time line';
  /** End of the time axis in seconds. */
  readonly end: number;
  readonly tracks: readonly {
    readonly title: string;
    readonly unit: string;
    readonly highest: number;
    /** Each step is told from the next by a gap. */
    readonly blocks: boolean;
  }[];
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    /** Words in place of the tracks, or empty. */
    readonly absent: string;
    readonly pauses: readonly { readonly from: number; readonly to: number }[];
    /** In the order of `tracks`. */
    readonly steps: readonly (readonly { readonly from: number; readonly to: number; readonly value: number }[])[];
  }[];
}

export interface GridAxis {
  readonly title: string;
  readonly unit: string;
  readonly values: readonly number[];
  readonly scale: 'linear' | 'log';
}

/** A metric over two parameters, a panel an alternative, on one scale of shades. Cells are counted from the origin. */
export interface MapChart extends ChartBase {
  readonly kind: 'map';
  readonly across: GridAxis;
  readonly up: GridAxis;
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    readonly cells: readonly {
      readonly across: number;
      readonly up: number;
      /** Share of the scale from the least to the greatest value, 0 to 1; null where there is none. */
      readonly shade: number | null;
      readonly text: string;
      /** It lies below the frontier. */
      readonly strong: boolean;
    }[];
    /** Sides of cells, in counts of cells from the origin. */
    readonly frontier: readonly {
      readonly fromAcross: number;
      readonly fromUp: number;
      readonly toAcross: number;
      readonly toUp: number;
    }[];
  }[];
}

/** A metric over one parameter, a panel an alternative, on shared scales. */
export interface CurveChart extends ChartBase {
  readonly kind: 'curves';
  readonly across: GridAxis;
  readonly unit: string;
  readonly scale: 'linear' | 'log';
  readonly panels: readonly {
    readonly title: string;
    readonly note: string;
    readonly points: readonly { readonly at: number; readonly value: number }[];
  }[];
}

export type ReportChart =
  | SeriesChart
  | IntervalChart
  | WaterfallChart
  | RankChart
  | PartsChart
  | StackChart
  | PairsChart
  | ChainChart
  | LeadChart
  | TimeLineChart
  | MapChart
  | CurveChart
  | TornadoChart;

/** Markdown by an author (of the study, or of this program): the only text that is not plain. */
export interface Prose {
  readonly markdown: string;
}

/** One thing that the analysis says: what it means in a sentence or two, then its figures. */
export interface Passage {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
  readonly tables: readonly ReportTable[];
  /** What is read under a fold: its heading, or empty when there is none. */
  readonly fold: { readonly title: string; readonly tables: readonly ReportTable[] } | null;
}

/** A part of the analysis: for the default profile, for all together, then for each other profile. */
export interface AnalysisSection {
  readonly introduction: string;
  readonly passages: readonly Passage[];
  readonly others: readonly { readonly profile: string; readonly passages: readonly Passage[] }[];
}

export interface ProfileVerdict {
  readonly profile: string;
  readonly strength: 'clear' | 'leaning' | 'open' | 'none';
  /** The strength as a word of a sentence. */
  readonly strengthWord: string;
  readonly sentence: string;
  /** The same in a line, for verdicts that stand in a list. */
  readonly brief: string;
}

export interface FindingGroup {
  /** What was asked of which model in which workload, and that it was refused. */
  readonly sentence: string;
  readonly alternative: string;
  readonly workload: string;
  readonly operation: string;
  readonly model: string;
  readonly rule: string;
  /** The frames or domains that it was refused for; at most a few. */
  readonly details: readonly string[];
  /** How many more there are, in words; empty when there are none. */
  readonly more: string;
}

export interface WorkloadSection {
  readonly id: string;
  readonly anchor: string;
  readonly title: string;
  readonly description: string;
  /** What the criteria take from it, or that none does. */
  readonly use: string;
  readonly parameters: readonly string[];
  readonly metrics: ReportTable | null;
  /** Refusals and failures that touch this workload, in a sentence each. */
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
}

/** A grid over one parameter of a workload or two: what was run, and what came out. */
export interface SweepSection {
  readonly anchor: string;
  readonly title: string;
  /** What was run, and by how much it differs from the study. */
  readonly introduction: string;
  readonly because: string;
  readonly parameters: readonly string[];
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
}

export interface ReportDocument {
  readonly format: 'physmap report 1';
  readonly study: string;
  readonly title: string;
  readonly question: string;
  readonly background: Prose;
  readonly verdict: {
    readonly main: ProfileVerdict;
    readonly others: readonly ProfileVerdict[];
    /** When a verdict is called clear, leaning or open. */
    readonly rule: string;
  };
  readonly overview: {
    readonly introduction: string;
    readonly criteria: ReportTable;
    readonly gates: ReportTable | null;
    /** Missing capabilities, measurements that failed, criteria that cannot matter. */
    readonly notes: readonly string[];
  };
  readonly standing: { readonly introduction: string; readonly charts: readonly ReportChart[] };
  /** Charts over several workloads. */
  readonly across: readonly ReportChart[];
  readonly workloads: readonly WorkloadSection[];
  readonly sweeps: readonly SweepSection[];
  /** What would change the answer: single inputs, and weights. */
  readonly sensitivity: AnalysisSection;
  /** Where a workload's parameter changes the preferred alternative. */
  readonly flips: {
    readonly introduction: string;
    /** A sentence for each parameter that was searched. */
    readonly points: readonly string[];
    readonly charts: readonly ReportChart[];
    readonly tables: readonly ReportTable[];
    /** What to run to know more; null when nothing is left to narrow. */
    readonly next: { readonly sentence: string; readonly command: string } | null;
  };
  readonly findings: {
    readonly introduction: string;
    readonly groups: readonly FindingGroup[];
    readonly failures: readonly string[];
  };
  readonly alternatives: readonly {
    readonly title: string;
    readonly short: string;
    readonly description: string;
    readonly baseline: boolean;
    readonly roles: readonly string[];
  }[];
  readonly judgements: { readonly introduction: string; readonly tables: readonly ReportTable[] };
  readonly profiles: readonly {
    readonly title: string;
    readonly rationale: string;
    /** How well pairwise comparisons agree. */
    readonly notes: readonly string[];
    readonly isDefault: boolean;
    readonly weights: ReportTable;
    readonly contributions: ReportTable | null;
  }[];
  /** What to run, measure or ask next. */
  readonly information: AnalysisSection;
  /** What the samples and other methods say beside the odds. */
  readonly depth: AnalysisSection;
  readonly belief: { readonly facts: readonly string[]; readonly limits: Prose };
  readonly method: { readonly prose: Prose; readonly criteria: ReportTable };
  readonly inputs: {
    readonly introduction: string;
    readonly costs: ReportTable;
    readonly settings: ReportTable | null;
    readonly traces: readonly ReportTable[];
    readonly files: ReportTable;
    readonly identity: ReportTable;
  };
  /** The command that makes this page again. */
  readonly command: string;
}
