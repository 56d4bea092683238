import type { PairwiseConsistency, TreeWeights, WeighedNode, Weighting } from '../../contracts/weighting.js';
import { triangular } from '../../sampling/index.js';
import type { Dimension } from '../dimensions.js';
import { consistencyRatio, pairwiseWeights } from './ahp.js';
import { orderedPoints, overSum, simplexPoints } from './draw-weights.js';
import { rankOrderCentroid } from './rank-order-centroid.js';
import { swingWeights } from './swing.js';

/** Weights of the criteria by id: groups' weights times weights within. */
export interface LeafWeights {
  readonly nominal: ReadonlyMap<string, number>;
  readonly sampled: ReadonlyMap<string, Float64Array>;
  readonly consistency: readonly PairwiseConsistency[];
}

/** The weights of a profile down the tree. A member that is alone in its group has all of it. */
export const leafWeights = (
  nodes: readonly WeighedNode[],
  profile: TreeWeights & { readonly id: string },
  samples: number,
  dimension: Dimension,
): LeafWeights => {
  const nominal = new Map<string, number>();
  const sampled = new Map<string, Float64Array>();
  const consistency: PairwiseConsistency[] = [];
  const descend = (
    group: string | null,
    members: readonly WeighedNode[],
    share: number,
    shares: Float64Array,
  ): void => {
    const weighting = group === null ? profile.weights : profile.within[group];
    const ids = members.map(({ id }) => id).toSorted();
    const weights = nominalWeights(weighting, ids);
    const drawn = drawWeights(weighting, ids, weights, samples, (id) =>
      dimension('weight', profile.id, ...(group === null ? [] : [group]), id),
    );
    if (weighting.kind === 'pairwise') consistency.push(consistencyOf(group, weighting, ids));
    for (const member of members) {
      const place = ids.indexOf(member.id);
      const own = share * weights[place];
      const ownShares = shares.map((above, sample) => above * drawn[place][sample]);
      if (member.criteria !== undefined) descend(member.id, member.criteria, own, ownShares);
      else {
        nominal.set(member.id, own);
        sampled.set(member.id, ownShares);
      }
    }
  };
  descend(null, nodes, 1, new Float64Array(samples).fill(1));
  return { nominal, sampled, consistency };
};

/** Every group of the tree, those above before those below. */
export const weighedGroups = (
  nodes: readonly WeighedNode[],
): readonly (WeighedNode & { readonly criteria: readonly WeighedNode[] })[] =>
  nodes.flatMap(({ id, criteria }) => (criteria === undefined ? [] : [{ id, criteria }, ...weighedGroups(criteria)]));

/** The names of the dimensions that a profile's weights are drawn from, as `leafWeights` asks for them. */
export const weightNames = (
  nodes: readonly WeighedNode[],
  profile: TreeWeights & { readonly id: string },
): readonly (readonly string[])[] => {
  const idsOf = (members: readonly WeighedNode[]): readonly string[] => members.map(({ id }) => id);
  return [
    ...drawnMembers(profile.weights, idsOf(nodes)).map((id) => ['weight', profile.id, id]),
    ...weighedGroups(nodes).flatMap((group) =>
      drawnMembers(profile.within[group.id], idsOf(group.criteria)).map((id) => ['weight', profile.id, group.id, id]),
    ),
  ];
};

/** Members of a group whose weights are drawn, each from a dimension of its own. */
const drawnMembers = (weighting: Weighting, members: readonly string[]): readonly string[] => {
  if (members.length < 2) return [];
  if (weighting.kind === 'ranges') return members.filter((id) => weighting.ranges[id].low < weighting.ranges[id].high);
  if (weighting.kind === 'order' || weighting.kind === 'unknown') return members;
  return weighting.spread > 0 ? members : [];
};

const nominalWeights = (weighting: Weighting, ids: readonly string[]): readonly number[] => {
  switch (weighting.kind) {
    case 'points':
      return ids.map((id) => weighting.points[id] / 100);
    case 'ranges':
      return ids.map((id) => weighting.ranges[id].likely / 100);
    case 'order':
      return rankOrderCentroid(placesOf(weighting, ids));
    case 'swing':
      return swingWeights(ids.map((id) => weighting.swings[id]));
    case 'pairwise':
      return pairwiseWeights(matrixOf(weighting, ids)).weights;
    case 'unknown':
      return ids.map(() => 1 / ids.length);
    default:
      return weighting satisfies never;
  }
};

const drawWeights = (
  weighting: Weighting,
  ids: readonly string[],
  nominal: readonly number[],
  samples: number,
  dimension: (id: string) => Float64Array,
): readonly Float64Array[] => {
  const drawn = drawnMembers(weighting, ids);
  if (drawn.length === 0) return nominal.map((weight) => new Float64Array(samples).fill(weight));
  if (weighting.kind === 'unknown') return simplexPoints(ids.map(dimension));
  if (weighting.kind === 'order') return orderedPoints(ids.map(dimension), placesOf(weighting, ids));
  const triangles = ids.map((id, place) => {
    if (!drawn.includes(id)) return new Float64Array(samples).fill(nominal[place]);
    const weight = nominal[place];
    const [low, high] =
      weighting.kind === 'ranges'
        ? [weighting.ranges[id].low / 100, weighting.ranges[id].high / 100]
        : [weight * (1 - weighting.spread), weight * (1 + weighting.spread)];
    return triangular(dimension(id), low, weight, high);
  });
  return overSum(triangles);
};

const placesOf = ({ places }: Extract<Weighting, { kind: 'order' }>, ids: readonly string[]): readonly number[] =>
  ids.map((id) => places.findIndex((members) => members.includes(id)) + 1);

type Pairwise = Extract<Weighting, { kind: 'pairwise' }>;

const matrixOf = ({ pairs }: Pairwise, ids: readonly string[]): readonly (readonly number[])[] =>
  ids.map((row) =>
    ids.map((column) => {
      for (const [one, other, times] of pairs) {
        if (one === row && other === column) return times;
        if (one === column && other === row) return 1 / times;
      }
      return 1;
    }),
  );

const consistencyOf = (group: string | null, weighting: Pairwise, ids: readonly string[]): PairwiseConsistency => {
  const { lambdaMax, consistencyIndex } = pairwiseWeights(matrixOf(weighting, ids));
  return {
    group,
    lambdaMax,
    ratio: consistencyRatio(consistencyIndex, ids.length, weighting.randomIndex),
    randomIndex: weighting.randomIndex,
  };
};
