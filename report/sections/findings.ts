import type { FindingGroup, ReportDocument } from '../../contracts/document.js';
import type { RunFinding, RunResult } from '../../contracts/run.js';
import { countOf, nameInSentence, sentence } from '../format.js';
import type { Names } from '../names.js';

const SHOWN_DETAILS = 3;

interface Refusal {
  readonly run: RunResult;
  readonly finding: RunFinding;
}

function groupOf(refusals: readonly Refusal[], runs: readonly RunResult[], names: Names): FindingGroup | null {
  const [first] = refusals;
  if (!first) return null;
  const { run, finding } = first;
  const drawn = new Set(refusals.map((each) => each.run.draw)).size;
  const all = runs.filter((each) => each.alternative === run.alternative && each.workload === run.workload).length;
  const details = [...new Set(refusals.map((each) => sentence(each.finding.detail)))];
  const rest = details.length - SHOWN_DETAILS;
  const where =
    drawn === all ? (all === 1 ? 'in its one draw' : `in all ${all} draws`) : `in ${drawn} of ${countOf(all, 'draw')}`;
  return {
    sentence:
      `“${nameInSentence(names.alternative(run.alternative))}”: ${finding.operation} was refused in “${nameInSentence(names.workload(run.workload))}” by the rule ` +
      `${finding.rule} of the ${finding.model} model, ${where}.`,
    alternative: names.alternative(run.alternative),
    workload: names.workload(run.workload),
    operation: finding.operation,
    model: finding.model,
    rule: finding.rule,
    details: details.slice(0, SHOWN_DETAILS),
    more: rest > 0 ? `and ${rest} more like ${rest === 1 ? 'it' : 'them'}` : '',
  };
}

/** Order of the study and the manifest first, then of the ids, so that the order of the runs does not matter. */
function inOrder(
  runs: readonly RunResult[],
  names: readonly string[],
  workloads: readonly string[],
): readonly RunResult[] {
  return runs.toSorted(
    (a, b) =>
      names.indexOf(a.alternative) - names.indexOf(b.alternative) ||
      workloads.indexOf(a.workload) - workloads.indexOf(b.workload) ||
      a.draw - b.draw,
  );
}

function failuresOf(runs: readonly RunResult[], names: Names): readonly string[] {
  const groups = new Map<string, RunResult[]>();
  for (const run of runs.filter((each) => each.failure !== null)) {
    const key = JSON.stringify([run.alternative, run.workload, run.failure]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].flatMap((failed) => {
    const [first] = failed;
    if (!first) return [];
    const place = `${nameInSentence(names.workload(first.workload))} under ${nameInSentence(names.alternative(first.alternative))}`;
    return [`${place} failed in ${countOf(failed.length, 'draw')}: ${sentence(first.failure ?? '')}`];
  });
}

/** What the engine refused, and what failed, in words. */
export function findingsSection(
  runs: readonly RunResult[],
  names: Names,
  alternatives: readonly string[],
  workloads: readonly string[],
): ReportDocument['findings'] {
  const ordered = inOrder(runs, alternatives, workloads);
  const byRule = new Map<string, Refusal[]>();
  for (const run of ordered)
    for (const finding of run.findings) {
      const key = JSON.stringify([run.alternative, run.workload, finding.operation, finding.model, finding.rule]);
      byRule.set(key, [...(byRule.get(key) ?? []), { run, finding }]);
    }
  const groups = [...byRule.values()].flatMap((refusals) => groupOf(refusals, ordered, names) ?? []);
  return {
    introduction: groups.length
      ? 'What a memory model refused, by the rule that it refused it by. A refusal is a missing capability, never a figure of zero.'
      : 'No memory model refused anything that these workloads asked of it.',
    groups,
    failures: failuresOf(ordered, names),
  };
}
