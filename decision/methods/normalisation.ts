import type { NotDefined } from '../../contracts/decision-analysis.js';

export type { NotDefined };

/** Whether more of a criterion is better. */
export type Direction = 'higher' | 'lower';

export const isNotDefined = (result: unknown): result is NotDefined =>
  typeof result === 'object' && result !== null && 'notDefined' in result;

/** A table of figures: a row an alternative, a column a criterion. */
export type Matrix = readonly (readonly number[])[];

/**
 * How figures of unlike units are made comparable, column by column, and what becomes of a criterion of which less is better.
 *
 * - `none`: figures as they are; direction is the method's to see to.
 * - `sum`: x / Σx; for *lower*, (1/x) / Σ(1/x).
 * - `share`: x / Σx whatever the direction, which stays the method's to see to.
 * - `vector`: x / √Σx²; direction stays the method's to see to.
 * - `linear`: x / max; for *lower*, min / x.
 * - `min-max`: (x − min) / (max − min); for *lower*, (max − x) / (max − min). A constant column is 0.
 */
export const NORMALISATIONS = ['none', 'sum', 'share', 'vector', 'linear', 'min-max'] as const;
export type Normalisation = (typeof NORMALISATIONS)[number];

/** Whether more is better in every column after the normalisation. */
export const turnsCosts = (normalisation: Normalisation): boolean =>
  normalisation === 'sum' || normalisation === 'linear' || normalisation === 'min-max';

type Scale = (column: readonly number[], direction: Direction) => readonly number[] | NotDefined;

const sumOf = (column: readonly number[]): number => column.reduce((sum, figure) => sum + figure, 0);

const overSum = (column: readonly number[]): readonly number[] | NotDefined => {
  const sum = sumOf(column);
  if (column.some((figure) => figure < 0)) return { notDefined: 'figures below zero have no shares of a sum' };
  if (sum === 0) return { notDefined: 'a column that sums to zero has no shares' };
  return column.map((figure) => figure / sum);
};

const reciprocals = (column: readonly number[]): readonly number[] | NotDefined => {
  if (column.some((figure) => figure <= 0)) {
    return { notDefined: 'less is better, and a figure that is not above zero has no reciprocal that means that' };
  }
  return column.map((figure) => 1 / figure);
};

const SCALES: Readonly<Record<Normalisation, Scale>> = {
  none: (column) => column,
  sum(column, direction) {
    const turned = direction === 'lower' ? reciprocals(column) : column;
    return isNotDefined(turned) ? turned : overSum(turned);
  },
  share: overSum,
  vector(column) {
    const length = Math.hypot(...column);
    if (length === 0) return { notDefined: 'a column of zeros has no length' };
    return column.map((figure) => figure / length);
  },
  linear(column, direction) {
    if (direction === 'lower') {
      const least = Math.min(...column);
      const turned = reciprocals(column);
      return isNotDefined(turned) ? turned : turned.map((figure) => figure * least);
    }
    const most = Math.max(...column);
    if (most <= 0) return { notDefined: 'a column without a figure above zero has no share of its largest' };
    return column.map((figure) => figure / most);
  },
  'min-max'(column, direction) {
    const least = Math.min(...column);
    const most = Math.max(...column);
    if (least === most) return column.map(() => 0);
    return column.map((figure) => (direction === 'lower' ? most - figure : figure - least) / (most - least));
  },
};

/** Says of which column, counted from 0, there is no normalisation. */
export interface ColumnNotDefined extends NotDefined {
  readonly column: number;
}

/** Every column normalised; not defined where one column is not. */
export const normalise = (
  matrix: Matrix,
  directions: readonly Direction[],
  normalisation: Normalisation,
): Matrix | ColumnNotDefined => {
  const columns: (readonly number[])[] = [];
  for (const [index, direction] of directions.entries()) {
    const column = SCALES[normalisation](
      matrix.map((row) => row[index]),
      direction,
    );
    if (isNotDefined(column)) return { ...column, column: index };
    columns.push(column);
  }
  return matrix.map((_, row) => columns.map((column) => column[row]));
};
