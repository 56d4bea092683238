import type { StackChart } from '../../contracts/report-charts.js';
import { lowered } from '../format.js';
import type { AlternativeRuns } from './metrics.js';
import { partsId, type Split } from './parts.js';
import { stackOf } from './stack.js';

/** Metrics that count frames which block a removal, each a kind of its own. */
const KINDS = ['blockedByKernel', 'blockedByDevice', 'blockedOtherwise'];

/** What blocks a removal under an alternative at draw 0, with a part for each kind; no parts when the run does not say. */
function blockedIn({ alternative, runs }: AlternativeRuns): Split {
  const run = runs.find(({ draw }) => draw === 0);
  const parts = KINDS.flatMap((name) => {
    const metric = run?.metrics[name];
    return metric === undefined ? [] : [{ title: lowered(metric.title), waiting: false, value: metric.value }];
  });
  return { short: alternative.short, run, parts, total: parts.reduce((sum, { value }) => sum + value, 0) };
}

/** Frames that block a removal by kind under each alternative; null when no run states them, or when nothing blocks under any. */
export function blockedChart(anchor: string, workload: string, all: readonly AlternativeRuns[]): StackChart | null {
  const splits = all.map(blockedIn);
  if (splits.every(({ total }) => total === 0)) return null;
  const unit = splits.flatMap(({ run }) => run?.metrics[KINDS[0]]?.unit ?? [])[0] ?? 'frames';
  const titles = [...new Set(splits.flatMap(({ parts }) => parts.map(({ title }) => title)))];
  return stackOf(splits, {
    id: partsId(anchor, 'blocked'),
    title: 'What blocks the removal',
    context: workload,
    description:
      `${unit[0].toUpperCase()}${unit.slice(1)} that could not be emptied, by what holds them: in every bar in the same order, by the numbers ` +
      'below. A part without a number is too narrow for it. Where the bar is empty nothing blocks.',
    caption: `What blocks the removal of “${workload}”, in ${unit}`,
    unit,
    drawn: titles.map((title) => ({ label: title, titles: [title], waiting: false })),
  });
}
