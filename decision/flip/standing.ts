import type { FlipPoint } from '../../contracts/flip.js';
import type { RunResult } from '../../contracts/run.js';
import type { Study } from '../../contracts/study.js';
import { additiveValue } from '../additive.js';
import { sampleCriterion } from '../criterion-samples.js';
import { eligibleAlternatives, judgeGates } from '../gates.js';
import { profileTree } from '../profile-tree.js';
import { indexRuns } from '../run-index.js';
import { studyDimensions } from '../sample.js';
import { scalesOf } from '../study-scales.js';
import { leafWeights } from '../weighting/leaf-weights.js';

/** Scores that differ by no more than this are tied: they are equal but for rounding. */
const tieWidth = 1e-12;

/** The standing of the alternatives at a value of a parameter, from the draw 0 of every alternative under every workload; other draws are left aside. */
export type Standing = (at: number, runs: readonly RunResult[]) => FlipPoint;

/**
 * Standings at the nominal point: draw 0, likely judgements, the default profile's weights as given. Ends of value functions that come from the data
 * come from the study's own runs, and stay there at every value: a score must not move because its scale does.
 * @param own the study's own runs, of which draw 0 is looked at.
 */
export function standingsOf(study: Study, own: readonly RunResult[]): Standing {
  const nominal: Study = { ...study, draws: 1, samples: 1 };
  const scales = scalesOf(nominal, indexRuns(nominal, own.filter(isNominal)));
  const dimension = studyDimensions(nominal);
  const profile = study.profiles.find(({ id }) => id === study.defaultProfile)!;
  const { nodes, weights } = profileTree(study, profile);
  const points = leafWeights(nodes, weights, 1, dimension).nominal;
  const criteria = study.criteria.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const draws = new Uint32Array(1);
  return (at, runs) => {
    const first = runs.filter(isNominal);
    const failed = first.find(({ failure }) => failure !== null);
    if (failed !== undefined) {
      const failure = `${failed.workload} under ${failed.alternative}: ${failed.failure}`;
      return { at, scores: {}, eligible: [], preferred: [], failure };
    }
    const index = indexRuns(nominal, first);
    const scores = study.alternatives.map(({ id }) => {
      const values = criteria.map((criterion) => {
        const scale = scales.get(criterion.id) ?? null;
        return sampleCriterion(nominal, criterion, id, scale, index, draws, dimension).nominalValue;
      });
      return [
        id,
        additiveValue(
          criteria.map((criterion) => points.get(criterion.id)!),
          values,
        ),
      ] as const;
    });
    return pointOf(at, Object.fromEntries(scores), [...eligibleAlternatives(judgeGates(nominal, index), nominal)]);
  };
}

const isNominal = ({ draw }: RunResult): boolean => draw === 0;

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
