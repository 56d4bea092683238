import type { DecisionTable, TableProfile } from '../../contracts/decision-table.js';
import type { FigureRange } from '../../contracts/weighting.js';
import { streamName } from '../../sampling/index.js';
import { type Dimension, haltonDimensions } from '../dimensions.js';
import { weightNames } from '../weighting/leaf-weights.js';
import { leavesOf } from './tree.js';

export const isExact = (figure: FigureRange): boolean => figure.low === figure.high;

/**
 * The dimensions of a table's samples. Uncertain figures take the smallest bases, in alphabetical order of their names, then the weights of each
 * profile, all profiles from the same base on, since no sample uses two.
 */
export const dimensionsOf = (table: DecisionTable, profile: TableProfile | null): Dimension => {
  const weights = profile === null ? [] : byName(weightNames(table.criteria, profile));
  return haltonDimensions(table.seed, table.samples, [...byName(figureNames(table)), ...weights]);
};

const byName = (names: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  names.toSorted((a, b) => (streamName(...a) < streamName(...b) ? -1 : 1));

const figureNames = ({ criteria, alternatives }: DecisionTable): readonly (readonly string[])[] =>
  leavesOf(criteria).flatMap(({ criterion }) =>
    alternatives.flatMap(({ id }) => {
      const figure = criterion.figures[id];
      return figure === null || isExact(figure) ? [] : [['figure', criterion.id, id]];
    }),
  );
