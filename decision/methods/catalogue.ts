import type { MethodName } from '../../contracts/decision-analysis.js';
import { type Direction, type Matrix, type Normalisation, type NotDefined, isNotDefined } from './normalisation.js';
import { type Preference, promethee } from './promethee.js';
import { topsis } from './topsis.js';
import { vikor } from './vikor.js';
import { weightedProduct } from './weighted-product.js';
import { weightedSum } from './weighted-sum.js';

/** A method with all that it needs beyond a table and weights. */
export interface MethodVariant {
  readonly method: MethodName;
  /** In words. */
  readonly normalisation: string;
  /** Values that the value functions gave, of which more is better and which lie in 0 to 1; or figures in their own units. */
  readonly on: 'values' | 'figures';
  readonly score: (rows: Matrix, weights: readonly number[], directions: readonly Direction[]) => Scored | NotDefined;
}

export interface Scored {
  /** More is better. */
  readonly scores: readonly number[];
  readonly compromise?: {
    readonly advantage: boolean;
    readonly stability: boolean;
    readonly set: readonly number[];
  };
}

const scored = (scores: readonly number[] | NotDefined): Scored | NotDefined =>
  isNotDefined(scores) ? scores : { scores };

/** The normalisations of figures that add or multiply, in words. */
const IN_WORDS: Readonly<Record<Exclude<Normalisation, 'none' | 'share'>, string>> = {
  sum: 'sum: x / Σx; costs by their reciprocals',
  vector: 'vector: x / √Σx²; costs by turning the ideal round',
  linear: 'linear: x / max; costs as min / x',
  'min-max': 'min-max: (x − min) / (max − min); costs from the other end',
};

const BY_VALUES = 'value functions';

const sumOf = (normalisation: 'sum' | 'linear' | 'min-max'): MethodVariant => ({
  method: 'weighted sum',
  normalisation: IN_WORDS[normalisation],
  on: 'figures',
  score: (rows, weights, directions) => scored(weightedSum(rows, weights, directions, normalisation)),
});

const productOf = (normalisation: 'sum' | 'linear' | null): MethodVariant => ({
  method: 'weighted product',
  normalisation: normalisation === null ? BY_VALUES : IN_WORDS[normalisation],
  on: normalisation === null ? 'values' : 'figures',
  score: (rows, weights, directions) => scored(weightedProduct(rows, weights, directions, normalisation ?? 'none')),
});

const topsisOf = (normalisation: 'vector' | 'min-max' | null): MethodVariant => ({
  method: 'TOPSIS',
  normalisation: normalisation === null ? BY_VALUES : IN_WORDS[normalisation],
  on: normalisation === null ? 'values' : 'figures',
  score(rows, weights, directions) {
    const found = topsis(rows, weights, directions, normalisation ?? 'none');
    return isNotDefined(found) ? found : { scores: found.score };
  },
});

/** Preferences with thresholds from the range of each column of the rows at hand. */
const PREFERENCES = {
  'usual preference: any difference decides': () => ({ kind: 'usual' }),
  'linear preference from none to the range of the figures': (range) => ({
    kind: 'linear',
    indifference: 0,
    preference: range,
  }),
  'Gaussian preference, s half the range of the figures': (range) => ({ kind: 'gaussian', s: range / 2 }),
} satisfies Readonly<Record<string, (range: number) => Preference>>;

const prometheeOf = (on: 'values' | 'figures', preference: keyof typeof PREFERENCES): MethodVariant => ({
  method: 'PROMETHEE II',
  normalisation: on === 'values' ? `${BY_VALUES}; ${preference}` : preference,
  on,
  score(rows, weights, directions) {
    const preferences = directions.map((_, column) => {
      const figures = rows.map((row) => row[column]);
      return PREFERENCES[preference](Math.max(...figures) - Math.min(...figures));
    });
    return { scores: promethee(rows, weights, directions, preferences).net };
  },
});

const vikorOf = (on: 'values' | 'figures'): MethodVariant => ({
  method: 'VIKOR',
  normalisation: on === 'values' ? `${BY_VALUES}; v = 0.5` : 'min-max within the method; v = 0.5',
  on,
  score(rows, weights, directions) {
    const { Q, advantage, stability, compromise } = vikor(rows, weights, directions);
    return { scores: Q.map((q) => -q), compromise: { advantage, stability, set: compromise } };
  },
});

const USUAL = 'usual preference: any difference decides';
const LINEAR = 'linear preference from none to the range of the figures';
const GAUSSIAN = 'Gaussian preference, s half the range of the figures';

/** Every method with every normalisation that is asked; the primary one first. */
export const METHOD_VARIANTS: readonly MethodVariant[] = [
  {
    method: 'additive value',
    normalisation: BY_VALUES,
    on: 'values',
    score: (rows, weights, directions) => scored(weightedSum(rows, weights, directions, 'none')),
  },
  sumOf('sum'),
  sumOf('linear'),
  sumOf('min-max'),
  productOf(null),
  productOf('sum'),
  productOf('linear'),
  topsisOf(null),
  topsisOf('vector'),
  topsisOf('min-max'),
  prometheeOf('values', LINEAR),
  prometheeOf('figures', USUAL),
  prometheeOf('figures', LINEAR),
  prometheeOf('figures', GAUSSIAN),
  vikorOf('values'),
  vikorOf('figures'),
];
