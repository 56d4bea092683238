import type { RunManifest, RunResult } from '../../contracts/run.js';
import type { Criterion, Study } from '../../contracts/study.js';

/** A study with its runs and all that they were made from. */
export interface ResultSet {
  readonly study: Study;
  readonly manifest: RunManifest;
  readonly runs: readonly RunResult[];
}

/** Why two result sets cannot be compared. */
export class UnlikeResults extends Error {
  override readonly name = 'UnlikeResults';
}

/** JSON of a value whose objects have their keys in order: equal texts for equal values. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/**
 * Refuses sets that answer different questions: another study, other alternatives, or criteria that are others or measure something else.
 * @throws UnlikeResults that names what differs.
 */
export function refuseUnlike(a: Study, b: Study): void {
  if (a.id !== b.id) throw new UnlikeResults(`one is of the study ${a.id}, the other of ${b.id}`);
  sameIds('alternatives', a.alternatives, b.alternatives);
  sameIds('criteria', a.criteria, b.criteria);
  for (const criterion of a.criteria) {
    const other = b.criteria.find(({ id }) => id === criterion.id)!;
    const [one, two] = [criterion, other].map(measuredBy);
    if (one !== two) throw new UnlikeResults(`the criterion ${criterion.id} is ${one} in one and ${two} in the other`);
  }
  for (const study of [a, b]) {
    const other = study === a ? b : a;
    if (!other.profiles.some(({ id }) => id === study.defaultProfile))
      throw new UnlikeResults(`only one has the profile ${study.defaultProfile}, which is its default`);
  }
}

/** What a criterion looks at, in which unit. */
function measuredBy(criterion: Criterion): string {
  if (criterion.kind === 'judged') return `judged in ${criterion.unit}`;
  if (criterion.kind === 'capability') return `whether ${criterion.workload} can ${criterion.operation}`;
  return `${criterion.metric} of ${criterion.workload} in ${criterion.unit}`;
}

function sameIds(what: string, a: readonly { readonly id: string }[], b: readonly { readonly id: string }[]): void {
  const [one, two] = [a, b].map((parts) => parts.map(({ id }) => id).toSorted());
  const only = [...one.filter((id) => !two.includes(id)), ...two.filter((id) => !one.includes(id))];
  if (only.length > 0) throw new UnlikeResults(`their ${what} differ: only one has ${only.join(', ')}`);
}
