import type { DecisionTable, TableCriterion, TableProfile } from '../../../contracts/decision-table.js';
import type { ValueShape } from '../../../contracts/value-shape.js';
import type { FigureRange, Weighting } from '../../../contracts/weighting.js';

export type Figure = number | null | readonly [low: number, likely: number, high: number];

/** A criterion by its figures, in the order of the alternatives a, b, c …; more is better, between 0 and 1, unless it is said otherwise. */
export function criterion(
  id: string,
  figures: readonly Figure[],
  value: ValueShape = { kind: 'linear', better: 'higher', worst: 0, best: 1 },
  kind: TableCriterion['kind'] = 'measured',
): TableCriterion {
  const entries = figures.map((figure, index): [string, FigureRange | null] => {
    const [low, likely, high] = typeof figure === 'number' ? [figure, figure, figure] : (figure ?? [0, 0, 0]);
    return ['abcdefgh'[index], figure === null ? null : { low, likely, high }];
  });
  return { id, title: id, kind, unit: 'u', value, figures: Object.fromEntries(entries) };
}

export const points = (given: Readonly<Record<string, number>>, spread = 0): Weighting => ({
  kind: 'points',
  points: given,
  spread,
});

export function profile(id: string, weights: Weighting, within: TableProfile['within'] = {}): TableProfile {
  return { id, title: id, weights, within };
}

/** A table whose alternatives are a, b, c … as many as the first criterion has figures. */
export function tableOf(
  criteria: DecisionTable['criteria'],
  profiles: readonly TableProfile[],
  rest: Partial<Pick<DecisionTable, 'samples' | 'seed' | 'gates'>> = {},
): DecisionTable {
  const first = (nodes: DecisionTable['criteria']): TableCriterion =>
    'criteria' in nodes[0] ? first(nodes[0].criteria) : nodes[0];
  const alternatives = Object.keys(first(criteria).figures).map((id) => ({ id, title: id }));
  return { title: 'Example', seed: 1, samples: 1024, alternatives, criteria, gates: [], profiles, ...rest };
}
