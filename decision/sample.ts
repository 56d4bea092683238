import type { JudgedRange, Profile, Study } from '../contracts/study.js';
import { latinHypercube, streamName, triangular } from '../sampling/index.js';

/**
 * The engine draw that each sample uses, the same for all alternatives, workloads and criteria: 1 … draws − 1, equally often but for one,
 * or draw 0 when there is no other. Draw 0 has the platform's own costs and is the nominal point, so it is not sampled.
 */
export function sampleDraws(study: Pick<Study, 'seed' | 'draws' | 'samples'>): Uint32Array {
  if (study.draws === 1) return new Uint32Array(study.samples);
  const others = study.draws - 1;
  return Uint32Array.from(latinHypercube(study.seed, streamName('draw'), study.samples), (u) =>
    Math.min(1 + Math.floor(u * others), others),
  );
}

/** A judged figure in each sample, in the criterion's unit: triangular, and independent of every other judgement. */
export function sampleJudgement(
  study: Pick<Study, 'seed' | 'samples'>,
  criterion: string,
  alternative: string,
  range: JudgedRange,
): Float64Array {
  const name = streamName('judgement', criterion, alternative);
  return latinHypercube(study.seed, name, study.samples).map((u) => triangular(u, range.low, range.likely, range.high));
}

/**
 * The weights of a profile in each sample, `[criterion][sample]` for the criteria asked for. Each is triangular between points ×
 * (1 − spread) and points × (1 + spread), then divided by the sum of all, so that a sample's weights sum to 1.
 */
export function sampleWeights(
  study: Pick<Study, 'seed' | 'samples'>,
  profile: Profile,
  criteria: readonly string[],
): readonly Float64Array[] {
  const drawn = criteria.map((id) => {
    const { points } = profile.weights[id];
    const low = points * (1 - profile.spread);
    const high = points * (1 + profile.spread);
    const name = streamName('weight', profile.id, id);
    return latinHypercube(study.seed, name, study.samples).map((u) => triangular(u, low, points, high));
  });
  const sums = new Float64Array(study.samples);
  for (const column of drawn) column.forEach((weight, s) => (sums[s] += weight));
  return drawn.map((column) => column.map((weight, s) => weight / sums[s]));
}
