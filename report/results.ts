import type { SweepResult } from '../contracts/sweep.js';
import type { ReportInput } from './names.js';

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(object)
      .toSorted()
      .map((key) => [key, canonical(object[key])]),
  );
}

/** JSON with the keys of every object in the order of their code units: one text for one content. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(canonical(value), null, indent);
}

/** Study, manifest, runs, sweeps and decision in one JSON text, a run a line, in an order of their own: by alternative, workload and draw. */
export function renderResults({ study, manifest, runs, sweeps = [], decision, flips }: ReportInput): string {
  const alternatives = study.alternatives.map((each) => each.id);
  const workloads = manifest.workloads.map((each) => each.id);
  const ordered = runs.toSorted(
    (a, b) =>
      alternatives.indexOf(a.alternative) - alternatives.indexOf(b.alternative) ||
      workloads.indexOf(a.workload) - workloads.indexOf(b.workload) ||
      a.draw - b.draw ||
      (a.key < b.key ? -1 : 1),
  );
  const lines = ordered.map((run) => `    ${canonicalJson(run)}`).join(',\n');
  const part = (name: string, value: unknown): string =>
    `  ${JSON.stringify(name)}: ${canonicalJson(value, 2).replaceAll('\n', '\n  ')}`;
  return `{\n${part('decision', decision)},\n${flips === undefined ? '' : `${part('flips', flips)},\n`}${part('manifest', manifest)},\n  "runs": [${lines ? `\n${lines}\n  ` : ''}],\n${part('study', study)}${sweptPart(sweeps)}\n}\n`;
}

/** Sweeps, a point a line; nothing where there are none. */
function sweptPart(sweeps: readonly SweepResult[]): string {
  if (sweeps.length === 0) return '';
  const one = ({ sweep, points }: SweepResult): string =>
    `    {"sweep": ${canonicalJson(sweep)}, "points": [\n${points.map((point) => `      ${canonicalJson(point)}`).join(',\n')}\n    ]}`;
  return `,\n  "sweeps": [\n${sweeps.map(one).join(',\n')}\n  ]`;
}
