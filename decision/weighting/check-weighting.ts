import type { TreeWeights, WeighedNode, Weighting } from '../../contracts/weighting.js';
import { weighedGroups } from './leaf-weights.js';
import { swingWeights } from './swing.js';

/** How far a sum of points may be from 100: rounding, and nothing that an author could mean. */
const SUM_TOLERANCE = 1e-9;

/**
 * Refuses a profile's weights that do not fit the tree.
 * @throws RangeError that says where, and what is wrong.
 */
export const checkWeights = (
  { id: profile, weights, within }: TreeWeights & { readonly id: string },
  nodes: readonly WeighedNode[],
): void => {
  const groups = weighedGroups(nodes);
  checkWeighting(`profile ${profile}`, weights, nodes);
  for (const group of groups) {
    const weighting = Object.hasOwn(within, group.id) ? within[group.id] : undefined;
    if (weighting === undefined) throw new RangeError(`profile ${profile} does not weigh the members of ${group.id}`);
    checkWeighting(`profile ${profile}, group ${group.id}`, weighting, group.criteria);
  }
  for (const id of Object.keys(within)) {
    if (!groups.some((group) => group.id === id))
      throw new RangeError(`profile ${profile} weighs ${id}, which is no group`);
  }
};

const checkWeighting = (where: string, weighting: Weighting, members: readonly { readonly id: string }[]): void => {
  const ids = members.map(({ id }) => id);
  const refuse = (message: string): never => {
    throw new RangeError(`${where}: ${message}`);
  };
  const checkNames = (given: readonly string[]): void => {
    for (const id of given) if (!ids.includes(id)) refuse(`${id} is no member`);
    for (const id of ids) if (!given.includes(id)) refuse(`${id} has no weight`);
    if (new Set(given).size < given.length) refuse('a member is there twice');
  };
  const checkSum = (points: readonly number[]): void => {
    for (const each of points) if (!(each >= 0)) refuse(`${each} points are no weight`);
    const sum = points.reduce((total, each) => total + each, 0);
    if (!(Math.abs(sum - 100) <= SUM_TOLERANCE)) refuse(`the points sum to ${sum}, not to 100`);
  };
  if ('spread' in weighting && !(weighting.spread >= 0 && weighting.spread <= 1))
    refuse(`the spread lies in 0 to 1, not at ${weighting.spread}`);
  switch (weighting.kind) {
    case 'points':
      checkNames(Object.keys(weighting.points));
      checkSum(Object.values(weighting.points));
      break;
    case 'ranges': {
      const ranges = Object.values(weighting.ranges);
      checkNames(Object.keys(weighting.ranges));
      checkSum(ranges.map(({ likely }) => likely));
      for (const { low, likely, high } of ranges)
        if (!(low >= 0 && low <= likely && likely <= high && Number.isFinite(high)))
          refuse('a range is not 0 ≤ low ≤ likely ≤ high');
      break;
    }
    case 'order':
      checkNames(weighting.places.flat());
      if (weighting.places.some((place) => place.length === 0)) refuse('a place of the order is empty');
      break;
    case 'swing':
      checkNames(Object.keys(weighting.swings));
      try {
        swingWeights(Object.values(weighting.swings));
      } catch (error) {
        refuse((error as Error).message);
      }
      break;
    case 'pairwise':
      checkPairs(weighting.pairs, ids, refuse);
      break;
    case 'unknown':
      break;
    default:
      weighting satisfies never;
  }
};

const checkPairs = (
  pairs: readonly (readonly [string, string, number])[],
  ids: readonly string[],
  refuse: (message: string) => never,
): void => {
  const seen = new Set<string>();
  for (const [one, other, times] of pairs) {
    for (const id of [one, other]) if (!ids.includes(id)) refuse(`${id} is no member`);
    if (!(times > 0 && Number.isFinite(times))) refuse(`${one} counts ${times} times as much as ${other}`);
    const pair = [one, other].toSorted().join('\u001f');
    if (one === other || seen.has(pair)) refuse(`${one} and ${other} are compared twice`);
    seen.add(pair);
  }
  const wanted = (ids.length * (ids.length - 1)) / 2;
  if (seen.size < wanted) refuse(`${wanted - seen.size} of ${wanted} pairs are not compared`);
};
