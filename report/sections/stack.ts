import type { StackChart } from '../../contracts/report-charts.js';
import { formatQuantity } from '../format.js';
import type { AlternativeRuns } from './metrics.js';
import {
  type DrawnPart,
  drawnParts,
  isWork,
  partsId,
  partsTable,
  type Split,
  splitMetric,
  splitOf,
  summaryOf,
  valueOf,
  whyNoParts,
} from './parts.js';

/** What a chart of bars says of itself. */
type StackWords = Pick<StackChart, 'id' | 'title' | 'context' | 'description' | 'unit'>;

/** What work is spent on under each alternative, at draw 0; null when no run says, or when the metric is no work. */
export function stackChart(
  anchor: string,
  workload: string,
  metric: string,
  all: readonly AlternativeRuns[],
): StackChart | null {
  const splits = all.map((each) => splitOf(each, metric));
  const stated = splitMetric(splits, metric);
  if (stated === null || !isWork(stated)) return null;
  const most = (titles: readonly string[]): number => Math.max(...splits.map((split) => valueOf(split, titles)));
  const parts = drawnParts(splits);
  const drawn = parts.toSorted(
    (a, b) => Number(a.titles.length > 1) - Number(b.titles.length > 1) || most(b.titles) - most(a.titles),
  );
  const { unit, title } = stated;
  return stackOf(splits, {
    id: partsId(anchor, metric),
    title: `What it is spent on: ${title}`,
    context: workload,
    description:
      `${title} at the platform's own costs, split by what they were charged for: in every bar in the same order, by the numbers below, ` +
      'and the widest first. A part without a number is too narrow for it. The parts sum to the whole.',
    caption: `${title} of “${workload}” by what it is spent on, in ${unit}`,
    unit,
    drawn,
  });
}

/** A bar an alternative, of the drawn parts in their order, with every part in its table. */
export function stackOf(
  splits: readonly Split[],
  { caption, drawn, ...said }: StackWords & { readonly caption: string; readonly drawn: readonly DrawnPart[] },
): StackChart {
  const { id, unit } = said;
  return {
    kind: 'stack',
    ...said,
    summary: summaryOf(splits, drawn, unit),
    keys: drawn.map(({ label }) => label),
    bars: splits.map((split) => {
      const absent = split.parts.length === 0;
      return {
        label: split.short,
        text: absent ? whyNoParts(split) : formatQuantity(split.total, unit),
        absent,
        parts: drawn.map(({ titles }) => valueOf(split, titles)),
      };
    }),
    table: partsTable(id, caption, splits),
  };
}
