import type { GridAxis } from '../../contracts/report-charts.js';
import type { ReportDocument, SweepSection } from '../../contracts/document.js';
import type { RunManifest } from '../../contracts/run.js';
import type { SweepResult } from '../../contracts/sweep.js';
import { countOf, formatQuantity, listOf } from '../format.js';
import { anchorOf, type Names, type ReportInput } from '../names.js';
import { curveChart } from './sweep-curves.js';
import { mapChart } from './sweep-map.js';

/** From this ratio of its ends an axis is divided by equal factors. */
const WIDE = 20;

function axisOf(
  parameter: string,
  values: readonly number[],
  workload: RunManifest['workloads'][number] | undefined,
): GridAxis {
  const known = workload?.parameters.find(({ name }) => name === parameter);
  const [low, high] = [values[0], values[values.length - 1]];
  const scale = low > 0 && high / low >= WIDE ? 'log' : 'linear';
  return { title: known?.title ?? parameter, unit: known?.unit ?? '', values, scale };
}

function sectionOf(result: SweepResult, { study, manifest }: ReportInput, names: Names): SweepSection {
  const { sweep, points } = result;
  const workload = manifest.workloads.find(({ id }) => id === sweep.workload);
  const axes = sweep.axes.map(({ parameter, values }) => axisOf(parameter, values, workload));
  const swept = new Set(sweep.axes.map(({ parameter }) => parameter));
  const title = names.workload(sweep.workload);
  const anchor = anchorOf('sweep', sweep.id);
  const failures = points.flatMap(({ runs }) => runs.filter(({ failure }) => failure !== null)).length;
  const [across, up] = axes;
  return {
    anchor,
    title: `${title}, over ${up === undefined ? 'one parameter' : 'two parameters'}`,
    introduction:
      `The workload was run at ${countOf(points.length, 'point')} of ${listOf(axes.map((axis) => `“${axis.title}”`))} under each ` +
      'alternative, each time with the platform’s own costs. This is shown and not weighed: it does not touch the verdict.',
    because: sweep.because,
    parameters: (workload?.parameters ?? []).flatMap(({ name, title: what, unit, value }) => {
      const own = sweep.parameters[name] ?? value;
      if (swept.has(name)) return [];
      const inStudy = own === value ? '' : ` (${formatQuantity(value, unit)} elsewhere on this page)`;
      return [`${what}: ${formatQuantity(own, unit)}${inStudy}`];
    }),
    notes: failures === 0 ? [] : [`${countOf(failures, 'run')} failed; each is a cell without a figure.`],
    charts: sweep.metrics.flatMap((metric) => {
      const of = { result, metric, alternatives: study.alternatives, workload: title, anchor };
      const chart = up === undefined ? curveChart(of, across) : mapChart(of, across, up);
      return chart === null ? [] : [chart];
    }),
  };
}

/** A section for every sweep that was run, in the study's order. */
export function sweepSections(input: ReportInput, names: Names): ReportDocument['sweeps'] {
  return (input.sweeps ?? []).map((result) => sectionOf(result, input, names));
}
