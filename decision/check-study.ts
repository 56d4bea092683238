import type { Criterion, Profile, Study, ValueFunction } from '../contracts/study.js';

/** How far a sum of points may be from 100: rounding, and nothing that an author could mean. */
const sumTolerance = 1e-9;

/**
 * Refuses a study that has no defined decision. Input checks the same with better messages; this guards callers that skip it.
 * @throws RangeError that names the part at fault.
 */
export function checkStudy(study: Study): void {
  if (study.alternatives.length === 0) throw new RangeError(`Study ${study.id} has no alternatives`);
  if (study.criteria.length === 0) throw new RangeError(`Study ${study.id} has no criteria`);
  checkCount('draws', study.draws);
  checkCount('samples', study.samples);
  checkUnique('alternative', study.alternatives);
  checkUnique('criterion', study.criteria);
  checkUnique('gate', study.gates);
  checkUnique('profile', study.profiles);
  for (const criterion of study.criteria) checkCriterion(study, criterion);
  for (const profile of study.profiles) checkProfile(study, profile);
}

function checkCount(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${name} is a whole number from 1, not ${count}`);
}

function checkUnique(what: string, parts: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of parts) {
    if (seen.has(id)) throw new RangeError(`Two parts of the study are ${what} ${id}`);
    seen.add(id);
  }
}

function checkCriterion(study: Study, criterion: Criterion): void {
  if (criterion.kind === 'capability') return;
  checkValueFunction(criterion.id, criterion.value);
  if (criterion.kind === 'measured') return;
  for (const { id } of study.alternatives) {
    const judged = criterion.judgements[id];
    if (judged === undefined) throw new RangeError(`Criterion ${criterion.id} does not judge alternative ${id}`);
    if (!(judged.low <= judged.likely && judged.likely <= judged.high) || !Number.isFinite(judged.high - judged.low)) {
      throw new RangeError(`Criterion ${criterion.id} judges ${id} without low ≤ likely ≤ high`);
    }
  }
}

function checkValueFunction(criterion: string, points: ValueFunction): void {
  if (points.length === 0) throw new RangeError(`The value function of ${criterion} has no points`);
  points.forEach(({ at, value }, i) => {
    if (!Number.isFinite(at) || (i > 0 && !(at > points[i - 1].at))) {
      throw new RangeError(`The points of ${criterion} do not ascend at ${at}`);
    }
    if (!(value >= 0 && value <= 1))
      throw new RangeError(`Criterion ${criterion} has a value outside 0 to 1: ${value}`);
  });
}

function checkProfile(study: Study, profile: Profile): void {
  const criteria = new Set(study.criteria.map(({ id }) => id));
  for (const id of Object.keys(profile.weights)) {
    if (!criteria.has(id)) throw new RangeError(`Profile ${profile.id} weighs ${id}, which is no criterion`);
  }
  let sum = 0;
  for (const id of criteria) {
    const weight = profile.weights[id];
    if (weight === undefined) throw new RangeError(`Profile ${profile.id} does not weigh ${id}`);
    if (!(weight.points >= 0)) throw new RangeError(`Profile ${profile.id} weighs ${id} with ${weight.points} points`);
    sum += weight.points;
  }
  if (!(Math.abs(sum - 100) <= sumTolerance)) {
    throw new RangeError(`The points of profile ${profile.id} sum to ${sum}, not to 100`);
  }
  if (!(profile.spread >= 0 && profile.spread <= 1)) {
    throw new RangeError(`The spread of profile ${profile.id} lies in 0 to 1, not at ${profile.spread}`);
  }
}
