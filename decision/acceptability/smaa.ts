/** What one set of samples says, in the order of the alternatives. */
export interface Acceptability {
  readonly samples: number;
  /** Share of samples in which an alternative is at each rank; ties share evenly. Rows and columns sum to 1. */
  readonly ranks: readonly (readonly number[])[];
  /** [a][b]: share of samples in which a scores higher than b; a tie counts half for each. The diagonal is 0. */
  readonly pairwise: readonly (readonly number[])[];
  /** Mean weights of the samples in which it is first: what a typical supporter of it wants. Null for one that is never first. */
  readonly centralWeights: readonly (readonly number[] | null)[];
  /** Entropy of the full rankings, in bits: 0 when every sample ranks alike. */
  readonly rankEntropy: number;
}

/** Figures of every sample, sample by sample: the values of an alternative's criteria side by side, and one sample's weights likewise. */
export interface SampledProblem {
  readonly samples: number;
  readonly alternatives: number;
  readonly criteria: number;
  /** `samples × alternatives × criteria` values, 0 to 1. */
  readonly values: Float64Array;
  /** `samples × criteria` weights. */
  readonly weights: Float64Array;
}

/** Scores closer than this are tied: they are equal but for rounding. */
const TIE = 1e-12;

/**
 * Stochastic multicriteria acceptability analysis over performance and weights at once.
 * Source: Lahdelma and Salminen, *SMAA-2*, Operations Research 49(3), 2001; pairwise winning index: Leskinen et al., 2006.
 */
export const acceptability = (problem: SampledProblem): Acceptability => {
  const { samples, alternatives, criteria, weights } = problem;
  const ranks = Array.from({ length: alternatives }, () => new Float64Array(alternatives));
  const pairwise = Array.from({ length: alternatives }, () => new Float64Array(alternatives));
  const central = Array.from({ length: alternatives }, () => new Float64Array(criteria));
  const firsts = new Float64Array(alternatives);
  const rankings = new Map<string, number>();
  const scores = new Float64Array(alternatives);
  const order = new Uint32Array(alternatives);
  for (let sample = 0; sample < samples; sample += 1) {
    scoreInto(scores, problem, sample);
    for (let a = 0; a < alternatives; a += 1) {
      for (let b = 0; b < a; b += 1) {
        const ahead = scores[a] - scores[b];
        if (Math.abs(ahead) <= TIE) {
          pairwise[a][b] += 0.5;
          pairwise[b][a] += 0.5;
        } else if (ahead > 0) pairwise[a][b] += 1;
        else pairwise[b][a] += 1;
      }
    }
    sortByScore(order, scores);
    let ranking = '';
    for (let from = 0; from < alternatives;) {
      let to = from + 1;
      while (to < alternatives && scores[order[from]] - scores[order[to]] <= TIE) to += 1;
      if (to - from > 1) order.subarray(from, to).sort();
      for (let place = from; place < to; place += 1) {
        const a = order[place];
        for (let rank = from; rank < to; rank += 1) ranks[a][rank] += 1 / (to - from);
        if (from === 0) {
          firsts[a] += 1 / to;
          for (let c = 0; c < criteria; c += 1) central[a][c] += weights[sample * criteria + c] / to;
        }
        ranking += `${a},`;
      }
      ranking += ';';
      from = to;
    }
    rankings.set(ranking, (rankings.get(ranking) ?? 0) + 1);
  }
  return {
    samples,
    ranks: ranks.map((row) => Array.from(row, (count) => count / samples)),
    pairwise: pairwise.map((row) => Array.from(row, (count) => count / samples)),
    centralWeights: central.map((sum, a) => (firsts[a] === 0 ? null : Array.from(sum, (weight) => weight / firsts[a]))),
    rankEntropy: entropyOfCounts([...rankings.values()]),
  };
};

/**
 * Confidence factor: share of samples in which an alternative is first when the weights are its own central ones. Null for one that is
 * never first. Source: as above.
 */
export const confidenceFactors = (
  problem: SampledProblem,
  { centralWeights }: Acceptability,
): readonly (number | null)[] =>
  centralWeights.map((weights, alternative) => {
    if (weights === null) return null;
    const fixed = new Float64Array(problem.samples * problem.criteria);
    for (let sample = 0; sample < problem.samples; sample += 1) fixed.set(weights, sample * problem.criteria);
    return acceptability({ ...problem, weights: fixed }).ranks[alternative][0];
  });

/** Entropy in bits of how often each outcome came. */
export const entropyOfCounts = (counts: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)), 0);
};

/** Indices by descending score, equal ones ascending: by insertion, since alternatives are few. */
const sortByScore = (order: Uint32Array, scores: Float64Array): void => {
  for (let index = 0; index < order.length; index += 1) {
    let place = index;
    while (place > 0 && scores[order[place - 1]] < scores[index]) {
      order[place] = order[place - 1];
      place -= 1;
    }
    order[place] = index;
  }
};

/** Additive scores of one sample. */
export const scoreInto = (
  scores: Float64Array,
  { alternatives, criteria, values, weights }: SampledProblem,
  sample: number,
): void => {
  const firstWeight = sample * criteria;
  let at = sample * alternatives * criteria;
  for (let a = 0; a < alternatives; a += 1) {
    let sum = 0;
    for (let c = 0; c < criteria; c += 1, at += 1) sum += weights[firstWeight + c] * values[at];
    scores[a] = sum;
  }
};
