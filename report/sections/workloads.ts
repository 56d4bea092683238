import type { ReportChart } from '../../contracts/report-charts.js';
import type { WorkloadSection } from '../../contracts/document.js';
import type { Study } from '../../contracts/study.js';
import { countOf, formatQuantity, listOf, nameInSentence } from '../format.js';
import { anchorsOf, type Names, type ReportInput } from '../names.js';
import type { RunIndex } from '../run-index.js';
import { blockedChart } from './blocked.js';
import { metricChart, metricsTable, type AlternativeRuns } from './metrics.js';
import { chainChart } from './chain.js';
import { frameMapChart } from './frame-map.js';
import { partsChart, splitMetrics } from './parts.js';
import { seriesChart, seriesNames } from './series.js';
import { stackChart } from './stack.js';
import { timeLineChart } from './time-line.js';
import { waterfalls } from './waterfall.js';

/** Metrics that have a chart of their own where a workload states them. */
const CHARTED_METRICS = ['downtime'];

/** Criteria and gates that look at the workload, in words. */
function useOf(study: Study, workload: string): string {
  const criteria = study.criteria
    .filter((each) => each.kind !== 'judged' && each.workload === workload)
    .map((each) => `“${nameInSentence(each.title)}”`);
  const gates = study.gates
    .filter((each) => each.workload === workload)
    .map((each) => `“${nameInSentence(each.title)}”`);
  if (criteria.length + gates.length === 0)
    return 'No criterion uses this workload: it is measured and shown, and does not touch the verdict.';
  const parts = [
    ...(criteria.length ? [`criteria ${listOf(criteria)}`] : []),
    ...(gates.length ? [`${gates.length === 1 ? 'gate' : 'gates'} ${listOf(gates)}`] : []),
  ];
  return `Used by the ${parts.join(' and by the ')}.`.replace(
    'the criteria',
    criteria.length === 1 ? 'the criterion' : 'the criteria',
  );
}

function notesOf(all: readonly AlternativeRuns[]): readonly string[] {
  return all.flatMap(({ alternative, runs }) => {
    const name = nameInSentence(alternative.short);
    if (runs.length === 0) return [`${name}: not run.`];
    const failed = runs.filter((run) => run.failure !== null).length;
    const refusals = [
      ...new Set(runs.flatMap((run) => run.findings.map((each) => `${each.operation} (rule ${each.rule})`))),
    ];
    return [
      ...(failed ? [`${name}: the run failed in ${countOf(failed, 'draw')} of ${runs.length}.`] : []),
      ...(refusals.length ? [`${name}: refused ${listOf(refusals)}.`] : []),
    ];
  });
}

function present<T>(value: T | null): readonly T[] {
  return value === null ? [] : [value];
}

/** A section for every workload of the manifest, whether a criterion uses it or not. */
export function workloadSections(
  { study, manifest }: ReportInput,
  runs: RunIndex,
  names: Names,
): readonly WorkloadSection[] {
  const anchors = anchorsOf(
    'workload',
    manifest.workloads.map((each) => each.id),
  );
  return manifest.workloads.map((workload) => {
    const anchor = anchors.get(workload.id) ?? 'workload';
    const title = names.workload(workload.id);
    const all = study.alternatives.map((alternative) => ({ alternative, runs: runs(alternative.id, workload.id) }));
    const falls = waterfalls(anchor, title, study.baseline, all);
    const charts: readonly ReportChart[] = [
      ...CHARTED_METRICS.flatMap((name) => present(metricChart(anchor, title, name, all))),
      ...seriesNames(all).flatMap((name) => present(seriesChart(anchor, title, name, all))),
      ...present(timeLineChart(anchor, title, all)),
      ...present(chainChart(anchor, title, all, (model) => manifest.platform.models[model] ?? model)),
      ...splitMetrics(all).flatMap((name) => present(partsChart(anchor, title, name, all))),
      ...splitMetrics(all).flatMap((name) => present(stackChart(anchor, title, name, all))),
      ...present(blockedChart(anchor, title, all)),
      ...present(frameMapChart(anchor, title, all)),
      ...falls.charts,
    ];
    return {
      id: workload.id,
      anchor,
      title,
      description: workload.description,
      use: useOf(study, workload.id),
      parameters: workload.parameters.map((each) => `${each.title}: ${formatQuantity(each.value, each.unit)}`),
      metrics: metricsTable(anchor, `${title}: median of the draws, and what holds nine of ten`, all),
      notes: [...notesOf(all), ...falls.notes],
      charts,
    };
  });
}
