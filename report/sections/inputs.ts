import type { ReportDocument } from '../../contracts/document.js';
import type { ReportTable } from '../../contracts/report-table.js';
import type { CostInput, RunManifest } from '../../contracts/run.js';
import { countOf, formatInteger, formatNumber, formatUnit } from '../format.js';
import { anchorsOf, type ReportInput } from '../names.js';
import { absentCell, columns, figureCell, plainTable, textCell } from '../table.js';

function sourceCell(source: string, assumed: boolean) {
  return assumed ? { ...textCell(source || 'no source', 'assumed'), tone: 'absent' as const } : textCell(source);
}

function costsTable(costs: readonly CostInput[]): ReportTable {
  const figures = ['Cost', 'Low', 'High'];
  return plainTable(
    'costs',
    'What each event costs, with the range that the draws come from',
    columns(['Event', ...figures, 'Unit', 'Source'], figures),
    costs.map((cost) => ({
      title: cost.title,
      note: cost.event,
      cells: [
        figureCell(formatNumber(cost.value), ''),
        figureCell(formatNumber(cost.low), ''),
        figureCell(formatNumber(cost.high), ''),
        textCell(formatUnit(cost.unit)),
        sourceCell(cost.source, cost.assumed),
      ],
    })),
  );
}

function settingsTable({ platform }: RunManifest): ReportTable | null {
  if (platform.settings.length === 0) return null;
  return plainTable(
    'settings',
    `Sizes, counts and rates of ${platform.title}`,
    columns(['Setting', 'Value', 'Source']),
    platform.settings.map((each) => ({
      title: each.title,
      note: each.name,
      cells: [
        textCell(each.unit ? `${each.value}\u202f${formatUnit(each.unit)}` : each.value),
        sourceCell(each.source, each.assumed),
      ],
    })),
  );
}

function traceTables({ workloads }: RunManifest): readonly ReportTable[] {
  const traced = workloads.flatMap((each) => (each.trace ? [{ ...each, trace: each.trace }] : []));
  const anchors = anchorsOf(
    'trace',
    traced.map((each) => each.id),
  );
  return traced.map((workload) =>
    plainTable(
      anchors.get(workload.id) ?? 'trace',
      `Recorded trace of “${workload.title}”`,
      columns(['Property', 'Value']),
      Object.keys(workload.trace)
        .toSorted()
        .map((key) => ({ title: key, note: '', cells: [textCell(workload.trace[key] ?? '')] })),
    ),
  );
}

/** How many costs and settings have no source. */
export function assumedCounts(manifest: RunManifest) {
  const settings = manifest.platform.settings;
  return {
    costs: manifest.costs.length,
    assumedCosts: manifest.costs.filter((each) => each.assumed).length,
    settings: settings.length,
    assumedSettings: settings.filter((each) => each.assumed).length,
  };
}

/** Every input, with its source. */
export function inputsSection({ study, manifest, runs, decision }: ReportInput): ReportDocument['inputs'] {
  const failed = runs.filter((each) => each.failure !== null).length;
  const identity: readonly (readonly [string, string])[] = [
    ['Study', study.id],
    ['Platform', `${manifest.platform.title} (${manifest.platform.id})`],
    ['Engine', manifest.engineVersion],
    ['Seed', String(study.seed)],
    ['Draws', `${formatInteger(study.draws)} for each alternative and workload; draw 0 has the platform's own costs`],
    ['Runs', `${formatInteger(runs.length)}, of which ${formatInteger(failed)} failed`],
    ['Samples', `${formatInteger(decision.samples)}, seed ${decision.seed}`],
  ];
  const files = Object.keys(manifest.inputs).toSorted();
  return {
    introduction: `${countOf(manifest.costs.length, 'cost')}, ${countOf(manifest.platform.settings.length, 'setting')} and ${countOf(files.length, 'file')}. No source states what is marked as assumed: the text says what it rests on, and the range is wide on purpose.`,
    costs: costsTable(manifest.costs),
    settings: settingsTable(manifest),
    traces: traceTables(manifest),
    files: plainTable(
      'input-files',
      'Input files by SHA-256',
      columns(['File', 'SHA-256']),
      files.map((file) => ({
        title: file,
        note: '',
        cells: [manifest.inputs[file] ? textCell(manifest.inputs[file]) : absentCell('no hash')],
      })),
    ),
    identity: plainTable(
      'identity',
      'What these results are',
      columns(['Property', 'Value']),
      identity.map(([title, value]) => ({ title, note: '', cells: [textCell(value)] })),
    ),
  };
}
