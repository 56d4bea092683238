import type { Cell } from '../../contracts/decision.js';
import type { DecisionTable, TableCriterionOutcome } from '../../contracts/decision-table.js';
import { triangular } from '../../sampling/index.js';
import { spreadOf } from '../spread.js';
import { isExact } from './dimensions.js';
import { type Leaf, leavesOf } from './tree.js';
import type { Dimension } from '../dimensions.js';
import { type Scale, scaleOf } from '../value-shape.js';

/** A criterion with its scale, and each alternative's cell and values in every sample. */
export interface SampledCriterion {
  readonly leaf: Leaf;
  readonly scale: Scale;
  readonly columns: ReadonlyMap<string, SampledCell>;
}

export interface SampledCell {
  /** Null where there is no figure: the value is 0. */
  readonly nominalRaw: number | null;
  readonly nominalValue: number;
  readonly raw: Float64Array;
  readonly values: Float64Array;
}

/** Every criterion in every sample, by id. */
export const sampleTable = (table: DecisionTable, dimension: Dimension): ReadonlyMap<string, SampledCriterion> =>
  new Map(
    leavesOf(table.criteria).map((leaf) => {
      const scale = scaleOf(
        leaf.criterion.value,
        Object.values(leaf.criterion.figures).filter((figure) => figure !== null),
      );
      const columns = new Map(
        table.alternatives.map(({ id }) => [id, sampleCell(leaf, scale, id, table.samples, dimension)]),
      );
      return [leaf.criterion.id, { leaf, scale, columns }];
    }),
  );

const sampleCell = (
  { criterion }: Leaf,
  scale: Scale,
  alternative: string,
  samples: number,
  dimension: Dimension,
): SampledCell => {
  const figure = criterion.figures[alternative];
  if (figure === null) {
    return { nominalRaw: null, nominalValue: 0, raw: new Float64Array(0), values: new Float64Array(samples) };
  }
  const nominalValue = scale.valueOf(figure.likely);
  if (isExact(figure)) {
    const values = new Float64Array(samples).fill(nominalValue);
    return { nominalRaw: figure.likely, nominalValue, raw: Float64Array.of(figure.likely), values };
  }
  const raw = triangular(dimension('figure', criterion.id, alternative), figure.low, figure.likely, figure.high);
  return { nominalRaw: figure.likely, nominalValue, raw, values: raw.map(scale.valueOf) };
};

/** Values that differ by no more than this over all alternatives cannot matter. */
const SAME = 1e-12;

/** What is told of a criterion, in the order of the alternatives. */
export const criterionOutcomeOf = ({ leaf, scale, columns }: SampledCriterion): TableCriterionOutcome => {
  const cells = [...columns].map(([alternative, cell]): Cell => ({
    alternative,
    status: cell.nominalRaw === null ? 'missing' : leaf.criterion.kind,
    raw: cell.nominalRaw === null ? null : spreadOf(cell.nominalRaw, cell.raw),
    value: spreadOf(cell.nominalValue, cell.values),
  }));
  const [first, ...others] = [...columns.values()];
  return {
    criterion: leaf.criterion.id,
    group: leaf.group,
    worst: scale.worst,
    best: scale.best,
    cells,
    constant: others.every(
      ({ nominalValue, values }) =>
        Math.abs(nominalValue - first.nominalValue) <= SAME &&
        values.every((value, sample) => Math.abs(value - first.values[sample]) <= SAME),
    ),
  };
};
