import type { FrameMapChart } from './frame-map-chart.js';
import type { ReportTable } from './report-table.js';

export interface ChartBase {
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
  | FrameMapChart
  | LeadChart
  | TimeLineChart
  | MapChart
  | CurveChart
  | TornadoChart;
