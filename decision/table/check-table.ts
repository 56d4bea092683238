import type { DecisionTable, TableCriterion, TableGate } from '../../contracts/decision-table.js';
import { streamName } from '../../sampling/index.js';
import { checkWeighting } from './check-weighting.js';
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
  for (const profile of profiles) {
    checkWeighting(`profile ${profile.id}`, profile.weights, criteria);
    for (const group of groups) {
      const weighting = Object.hasOwn(profile.within, group.id) ? profile.within[group.id] : undefined;
      if (weighting === undefined)
        throw new RangeError(`profile ${profile.id} does not weigh the members of ${group.id}`);
      checkWeighting(`profile ${profile.id}, group ${group.id}`, weighting, group.criteria);
    }
    for (const id of Object.keys(profile.within)) {
      if (!groups.some((group) => group.id === id))
        throw new RangeError(`profile ${profile.id} weighs ${id}, which is no group`);
    }
  }
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
  if (value.kind === 'piecewise') {
    if (value.points.length === 0) throw new RangeError(`the value function of ${id} has no points`);
    value.points.forEach(({ at, value: reached }, i) => {
      if (!Number.isFinite(at) || (i > 0 && !(at > value.points[i - 1].at)))
        throw new RangeError(`the points of ${id} do not ascend at ${at}`);
      if (!(reached >= 0 && reached <= 1))
        throw new RangeError(`criterion ${id} has a value outside 0 to 1: ${reached}`);
    });
    return;
  }
  const { worst, best, better } = value;
  for (const end of [worst, best]) {
    if (end !== null && !Number.isFinite(end)) throw new RangeError(`an end of criterion ${id} is no finite number`);
  }
  if (worst !== null && best !== null && (better === 'higher' ? worst >= best : worst <= best))
    throw new RangeError(`criterion ${id} is better when ${better}, and goes from worst ${worst} to best ${best}`);
  if (value.kind !== 'exponential') return;
  const share = (value.half - value.worst) / (value.best - value.worst);
  if (!(share >= NEAREST && share <= 1 - NEAREST))
    throw new RangeError(`the half of criterion ${id} lies between its ends, not at ${value.half}`);
};

/** How near to an end the half may be, as a share of the way. */
const NEAREST = 0.002;

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
