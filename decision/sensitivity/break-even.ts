/** Where the preferred alternative changes when one criterion's weight does and the others keep their proportions. */
export interface BreakEven {
  readonly criterion: number;
  /** The nearest weight below and above the present one at which another alternative is as good, and which. Null: none. */
  readonly below: WeightCrossing | null;
  readonly above: WeightCrossing | null;
}

export interface WeightCrossing {
  readonly weight: number;
  readonly alternative: number;
}

/** Weights closer than this are one but for rounding. */
const SAME = 1e-12;

const scoreOf = (values: readonly number[], weights: readonly number[]): number =>
  values.reduce((sum, value, criterion) => sum + value * weights[criterion], 0);

const firstOf = (scores: readonly number[]): number =>
  scores.reduce((best, score, index) => (score > scores[best] ? index : best), 0);

/** In closed form: every score is a straight line over the weight. `values[a][c]`; the weights sum to 1. */
export const breakEvens = (
  values: readonly (readonly number[])[],
  weights: readonly number[],
): readonly BreakEven[] => {
  const winner = firstOf(values.map((row) => scoreOf(row, weights)));
  return weights.map((weight, criterion) => {
    const others = 1 - weight;
    /** Score at weight w is rest + w × (value − rest). Where nothing else weighs, the others are taken to weigh alike. */
    const restOf = (row: readonly number[]): number =>
      others > 0
        ? (scoreOf(row, weights) - weight * row[criterion]) / others
        : row.reduce((sum, value, c) => (c === criterion ? sum : sum + value / (row.length - 1)), 0);
    let below: WeightCrossing | null = null;
    let above: WeightCrossing | null = null;
    if (weights.length > 1) {
      const rest = values.map(restOf);
      for (const [alternative, row] of values.entries()) {
        if (alternative === winner) continue;
        const gap = rest[winner] - rest[alternative];
        const slope = values[winner][criterion] - rest[winner] - (row[criterion] - rest[alternative]);
        if (slope === 0) continue;
        const crossing = -gap / slope;
        const at = Math.abs(crossing - weight) <= SAME ? weight : crossing;
        // At an end of the scale they are equal and never change places, unless the weight stands there now.
        if (!(at > 0 && at < 1) && at !== weight) continue;
        if (at <= weight && slope > 0 && at > (below?.weight ?? -1)) below = { weight: at, alternative };
        if (at >= weight && slope < 0 && at < (above?.weight ?? 2)) above = { weight: at, alternative };
      }
    }
    return { criterion, below, above };
  });
};

/** The smallest change of all weights together that makes another alternative as good as the first. */
export interface NearestFlip {
  readonly alternative: number;
  readonly weights: readonly number[];
  /** Sum of the absolute changes, 0 to 2. */
  readonly change: number;
}

/**
 * Weight moves from the criteria in which the first is furthest ahead of a rival to the one in which it is furthest behind: what is moved
 * there changes the difference most, so that is the smallest change in the sum of absolute differences. Null when no weights make a rival as good.
 */
export const nearestFlip = (values: readonly (readonly number[])[], weights: readonly number[]): NearestFlip | null => {
  const winner = firstOf(values.map((row) => scoreOf(row, weights)));
  const flips = values.flatMap((row, alternative) => {
    if (alternative === winner) return [];
    const flip = flipTo(row, alternative, values[winner], weights);
    return flip === null ? [] : [flip];
  });
  return flips.reduce<NearestFlip | null>(
    (best, flip) => (best === null || flip.change < best.change ? flip : best),
    null,
  );
};

const flipTo = (
  rival: readonly number[],
  alternative: number,
  first: readonly number[],
  weights: readonly number[],
): NearestFlip | null => {
  const ahead = first.map((value, criterion) => value - rival[criterion]);
  const target = ahead.reduce((least, lead, criterion) => (lead < ahead[least] ? criterion : least), 0);
  const order = ahead.map((_, criterion) => criterion).toSorted((a, b) => ahead[b] - ahead[a]);
  const changed = [...weights];
  let lead = scoreOf(ahead, weights);
  for (const criterion of order) {
    const gain = ahead[criterion] - ahead[target];
    if (lead <= 0 || gain <= 0) break;
    const moved = Math.min(changed[criterion], lead / gain);
    changed[criterion] -= moved;
    changed[target] += moved;
    lead -= moved * gain;
  }
  if (lead > 1e-12) return null;
  const change = changed.reduce((sum, weight, criterion) => sum + Math.abs(weight - weights[criterion]), 0);
  return { alternative, weights: changed, change };
};
