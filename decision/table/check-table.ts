import type { DecisionTable, TableCriterion, TableGate } from '../../contracts/decision-table.js';
import { streamName } from '../../sampling/index.js';
import { checkValueShape } from '../check-value-shape.js';
import { checkWeights } from '../weighting/check-weighting.js';
import { groupsOf, leavesOf } from './tree.js';

/**
 * Refuses a table that has no defined decision. Input checks the same with better messages; this guards callers that skip it.
 * @throws RangeError that names the part at fault.
 */
export const checkTable = (table: DecisionTable): void => {
  const { alternatives, criteria, gates, profiles, samples } = table;
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw new RangeError(`samples is a whole number from 1, not ${samples}`);
  const leaves = leavesOf(criteria).map(({ criterion }) => criterion);
  const groups = groupsOf(criteria);
  if (alternatives.length === 0) throw new RangeError('the table has no alternatives');
  if (leaves.length === 0) throw new RangeError('the table has no criteria');
  if (profiles.length === 0) throw new RangeError('the table has no profiles');
  checkIds('alternative', alternatives);
  checkIds('criterion or group', [...leaves, ...groups]);
  checkIds('gate', gates);
  checkIds('profile', profiles);
  for (const { id, criteria: members } of groups) {
    if (members.length === 0) throw new RangeError(`group ${id} has no members`);
  }
  for (const criterion of leaves) checkCriterion(criterion, alternatives);
  for (const gate of gates) checkGate(gate, leaves, alternatives);
  for (const profile of profiles) checkWeights(profile, criteria);
};

const checkIds = (what: string, parts: readonly { readonly id: string }[]): void => {
  const seen = new Set<string>();
  for (const { id } of parts) {
    streamName(id);
    if (seen.has(id)) throw new RangeError(`two parts of the table are ${what} ${id}`);
    seen.add(id);
  }
};

const checkCriterion = (
  { id, value, figures }: TableCriterion,
  alternatives: readonly { readonly id: string }[],
): void => {
  for (const alternative of alternatives) {
    const figure = Object.hasOwn(figures, alternative.id) ? figures[alternative.id] : undefined;
    if (figure === undefined) throw new RangeError(`criterion ${id} has no entry for alternative ${alternative.id}`);
    if (figure === null) continue;
    const { low, likely, high } = figure;
    if (!(low <= likely && likely <= high) || !Number.isFinite(high - low))
      throw new RangeError(`criterion ${id} has a figure of ${alternative.id} without low ≤ likely ≤ high`);
  }
  checkValueShape(id, value);
};

const checkGate = (
  gate: TableGate,
  criteria: readonly TableCriterion[],
  alternatives: readonly { readonly id: string }[],
): void => {
  if (gate.kind === 'limit') {
    if (!criteria.some(({ id }) => id === gate.criterion))
      throw new RangeError(`gate ${gate.id} is of ${gate.criterion}, which is no criterion`);
    if (gate.atLeast === null && gate.atMost === null) throw new RangeError(`gate ${gate.id} has no limit`);
    return;
  }
  for (const id of Object.keys(gate.fails)) {
    if (!alternatives.some((alternative) => alternative.id === id))
      throw new RangeError(`gate ${gate.id} names ${id}, which is no alternative`);
  }
};
