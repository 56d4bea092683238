import type { JudgedRange, Study } from '../contracts/study.js';
import { latinHypercube, streamName, triangular } from '../sampling/index.js';
import { type Dimension, haltonDimensions } from './dimensions.js';
import { profileTree } from './profile-tree.js';
import { weightNames } from './weighting/leaf-weights.js';

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

/**
 * The dimensions of a study's samples, but for that of the draws. Weights take the smallest bases, each profile's from the first on, since no sample
 * uses two profiles. Judgements come after the longest of these, in alphabetical order of alternatives and then of criteria: a profile more
 * leaves all others as they were, and an alternative more leaves those before it.
 */
export function studyDimensions(study: Study): Dimension {
  const judgements = study.criteria
    .flatMap((criterion) =>
      criterion.kind === 'judged'
        ? study.alternatives.flatMap(({ id }) =>
            isExact(criterion.judgements[id]) ? [] : [['judgement', criterion.id, id] as const],
          )
        : [],
    )
    .toSorted((a, b) => order(a[2], b[2]) || order(a[1], b[1]));
  const weights = study.profiles.map((profile) => {
    const { nodes, weights: all } = profileTree(study, profile);
    return weightNames(nodes, all).toSorted((a, b) => order(streamName(...a), streamName(...b)));
  });
  const most = Math.max(...weights.map((names) => names.length));
  const common = haltonDimensions(study.seed, study.samples, [
    ...Array.from({ length: most }, (_, place) => ['place', String(place)]),
    ...judgements,
  ]);
  const own = new Map(
    study.profiles.map(({ id }, index) => [id, haltonDimensions(study.seed, study.samples, weights[index])]),
  );
  return (...name) => (name[0] === 'weight' ? own.get(name[1])!(...name) : common(...name));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isExact = ({ low, high }: JudgedRange): boolean => low === high;

/** A judged figure in each sample, in the criterion's unit: triangular, and independent of every other judgement. */
export function sampleJudgement(
  samples: number,
  dimension: Dimension,
  criterion: string,
  alternative: string,
  range: JudgedRange,
): Float64Array {
  if (isExact(range)) return new Float64Array(samples).fill(range.likely);
  return triangular(dimension('judgement', criterion, alternative), range.low, range.likely, range.high);
}
