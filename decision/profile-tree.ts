import type { Profile, Study } from '../contracts/study.js';
import type { TreeWeights, WeighedNode } from '../contracts/weighting.js';

/** What a profile weighs, and how: the tree of groups where it weighs within them, else all criteria at once. */
export interface ProfileTree {
  readonly nodes: readonly WeighedNode[];
  readonly weights: TreeWeights & { readonly id: string };
}

/** @throws RangeError for a profile that weighs within groups of a study that has no tree of them. */
export function profileTree(study: Pick<Study, 'id' | 'criteria' | 'tree'>, profile: Profile): ProfileTree {
  const { id, weights, within } = profile;
  if (within === undefined)
    return { nodes: study.criteria.map((criterion) => ({ id: criterion.id })), weights: { id, weights, within: {} } };
  if (study.tree === undefined)
    throw new RangeError(`Profile ${id} weighs within groups, and study ${study.id} has no tree of them`);
  return { nodes: study.tree, weights: { id, weights, within } };
}
