import type { CostInput } from '../../contracts/run.js';
import { textOf, type ResultSet } from './result-set.js';

/** What the runs of a workload were made from, other than the workload itself: a line for each thing that differs. */
export function runCauses(a: ResultSet, b: ResultSet): readonly string[] {
  const causes: string[] = [];
  const say = (what: string, one: string | number, two: string | number): void => {
    if (one !== two) causes.push(`${what}: ${one}, then ${two}`);
  };
  say('version of the program', a.manifest.engineVersion, b.manifest.engineVersion);
  say('platform', a.manifest.platform.id, b.manifest.platform.id);
  say('seed', a.study.seed, b.study.seed);
  say('draws', a.study.draws, b.study.draws);
  const cost = (costs: readonly CostInput[], event: string): string => {
    const found = costs.find((each) => each.event === event);
    return found === undefined ? 'none' : `${found.value} (${found.low} to ${found.high}) ${found.unit}`;
  };
  const events = new Set([...a.manifest.costs, ...b.manifest.costs].map(({ event }) => event));
  for (const event of events) say(`cost of ${event}`, cost(a.manifest.costs, event), cost(b.manifest.costs, event));
  const setting = ({ manifest }: ResultSet, name: string): string => {
    const found = manifest.platform.settings.find((each) => each.name === name);
    return found === undefined ? 'none' : `${found.value} ${found.unit}`.trim();
  };
  const settings = new Set([...a.manifest.platform.settings, ...b.manifest.platform.settings].map(({ name }) => name));
  for (const name of settings) say(name, setting(a, name), setting(b, name));
  for (const { id, roles, given } of a.study.alternatives) {
    const other = b.study.alternatives.find((each) => each.id === id)!;
    say(`memory models of ${id}`, textOf([roles, given ?? {}]), textOf([other.roles, other.given ?? {}]));
  }
  return causes;
}

/** What differs in one workload: its parameters, and the figures of its runs. Null when nothing does. */
export function workloadDifference(a: ResultSet, b: ResultSet, workload: string): readonly string[] | null {
  if (outcomeOf(a, workload) === outcomeOf(b, workload)) return null;
  const parameters = ({ manifest }: ResultSet) =>
    manifest.workloads.find(({ id }) => id === workload)?.parameters ?? [];
  const lines: string[] = [];
  for (const { name, value, unit } of parameters(a)) {
    const other = parameters(b).find((each) => each.name === name)?.value;
    if (other !== undefined && other !== value) lines.push(`${name}: ${value} ${unit}, then ${other} ${unit}`);
  }
  return lines;
}

/** Names of input files, other than the study's own, whose content differs. */
export function changedFiles({ manifest: a }: ResultSet, { manifest: b }: ResultSet, study: string): readonly string[] {
  const names = new Set([...Object.keys(a.inputs), ...Object.keys(b.inputs)]);
  return [...names].filter((name) => !name.includes(study) && a.inputs[name] !== b.inputs[name]).toSorted();
}

/** All that a decision can take from the runs of a workload. */
function outcomeOf({ runs }: ResultSet, workload: string): string {
  const own = runs
    .filter((run) => run.workload === workload)
    .map(({ alternative, draw, metrics, findings, failure }) => ({ alternative, draw, metrics, findings, failure }))
    .toSorted((x, y) => (x.alternative < y.alternative ? -1 : x.alternative > y.alternative ? 1 : x.draw - y.draw));
  return textOf(own);
}
