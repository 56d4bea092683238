import type { StackChart } from '../../contracts/document.js';
import { formatQuantity } from '../format.js';
import type { AlternativeRuns } from './metrics.js';
import {
  drawnParts,
  isWork,
  partsId,
  partsTable,
  splitMetric,
  splitOf,
  summaryOf,
  valueOf,
  whyNoParts,
} from './parts.js';

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
  const id = partsId(anchor, metric);
  return {
    kind: 'stack',
    id,
    title: `What it is spent on: ${title}`,
    context: workload,
    description:
      `${title} at the platform's own costs, split by what they were charged for: in every bar in the same order, by the numbers below, ` +
      'and the widest first. A part without a number is too narrow for it. The parts sum to the whole.',
    summary: summaryOf(splits, drawn, unit),
    unit,
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
    table: partsTable(id, `${title} of “${workload}” by what it is spent on, in ${unit}`, splits),
  };
}
