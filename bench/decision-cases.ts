import type { DecisionTable, TableProfile } from '../contracts/decision-table.js';
import type { FigureRange } from '../contracts/weighting.js';
import { acceptability } from '../decision/acceptability/smaa.js';
import { analyse } from '../decision/index.js';
import { dimensionsOf } from '../decision/table/dimensions.js';
import { sampledOf } from '../decision/table/table-problem.js';
import { sampleTable } from '../decision/table/table-samples.js';
import { leafWeights } from '../decision/weighting/leaf-weights.js';

const DRAWS = 10_000;
const ALTERNATIVES = ['a', 'b', 'c', 'd', 'e', 'f'];
const CRITERIA = Array.from({ length: 30 }, (_, c) => `criterion ${c}`);

/** Every figure is a range, and nothing is known of the weights. */
const profile: TableProfile = { id: 'any', title: 'any', weights: { kind: 'unknown' }, within: {} };

const figureOf = (a: number, c: number): FigureRange => {
  const likely = ((7 * a + 3 * c) % 11) / 10;
  return { low: likely - 0.2, likely, high: likely + 0.3 };
};

const table: DecisionTable = {
  title: 'bench',
  seed: 1,
  samples: DRAWS,
  alternatives: ALTERNATIVES.map((id) => ({ id, title: id })),
  criteria: CRITERIA.map((id, c) => ({
    id,
    title: id,
    kind: 'measured',
    unit: '',
    value: { kind: 'linear', better: 'higher', worst: 0, best: 1 },
    figures: Object.fromEntries(ALTERNATIVES.map((alternative, a) => [alternative, figureOf(a, c)])),
  })),
  gates: [],
  profiles: [profile],
};

/** All that ranks need: 180 figures and 30 weights drawn, valued, scored and ranked. */
const smaa = () => ({
  work() {
    const sampled = sampleTable(table, dimensionsOf(table, null));
    const drawn = leafWeights(table.criteria, profile, DRAWS, dimensionsOf(table, profile)).sampled;
    const weights = [...sampled.keys()].toSorted().map((id) => drawn.get(id)!);
    return acceptability(sampledOf(sampled, ALTERNATIVES, DRAWS, weights));
  },
  units: () => DRAWS,
  unit: 'draw',
});

export const DECISION_CASES = {
  '10000 draws of 6 alternatives, 30 criteria': smaa,
  'the same, with the whole analysis': () => ({
    work: () => analyse(table),
    units: () => DRAWS,
    unit: 'draw',
  }),
};
