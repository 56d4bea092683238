import type { FlipPoint } from '../../contracts/flip.js';
import type { RunResult } from '../../contracts/run.js';
import type { Study } from '../../contracts/study.js';
import { additiveValue } from '../additive.js';
import { sampleCriterion } from '../criterion-samples.js';
import { eligibleAlternatives, judgeGates } from '../gates.js';
import { indexRuns } from '../run-index.js';

/** Scores that differ by no more than this are tied: they are equal but for rounding. */
const tieWidth = 1e-12;

/**
 * The alternatives at one value of a parameter, at the nominal point: draw 0, likely judgements, the default profile's weights as given.
 * @param runs the draw 0 of every alternative under every workload; others are left aside.
 */
export function standingAt(study: Study, at: number, runs: readonly RunResult[]): FlipPoint {
  const first = runs.filter(({ draw }) => draw === 0);
  const failed = first.find(({ failure }) => failure !== null);
  if (failed !== undefined) {
    const failure = `${failed.workload} under ${failed.alternative}: ${failed.failure}`;
    return { at, scores: {}, eligible: [], preferred: [], failure };
  }
  const nominal: Study = { ...study, draws: 1, samples: 1 };
  const index = indexRuns(nominal, first);
  const { weights } = study.profiles.find(({ id }) => id === study.defaultProfile)!;
  const criteria = study.criteria.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const points = criteria.map(({ id }) => weights[id].points / 100);
  const scores = study.alternatives.map(({ id }) => {
    const values = criteria.map(
      (criterion) => sampleCriterion(nominal, criterion, id, index, new Uint32Array(1)).nominalValue,
    );
    return [id, additiveValue(points, values)] as const;
  });
  return pointOf(at, Object.fromEntries(scores), [...eligibleAlternatives(judgeGates(nominal, index), nominal)]);
}

/** A point from the alternatives' scores and those that pass every gate. */
export function pointOf(
  at: number,
  scores: Readonly<Record<string, number>>,
  eligible: readonly string[] = Object.keys(scores),
): FlipPoint {
  const passing = eligible.toSorted();
  const best = Math.max(...passing.map((id) => scores[id]));
  const preferred = passing.filter((id) => best - scores[id] <= tieWidth);
  return { at, scores, eligible: passing, preferred, failure: null };
}

/**
 * By how much an alternative is ahead of the best other that passes every gate: negative when it is behind, −1 when it does not pass, and
 * its own score when no other does.
 */
export function leadOf({ scores, eligible }: FlipPoint, alternative: string): number {
  if (!eligible.includes(alternative)) return -1;
  const others = eligible.filter((id) => id !== alternative).map((id) => scores[id]);
  return scores[alternative] - Math.max(0, ...others);
}
