import type { Criterion, Study } from '../contracts/study.js';
import type { WeighedNode } from '../contracts/weighting.js';
import { checkValueShape } from './check-value-shape.js';
import { profileTree } from './profile-tree.js';
import { checkWeights } from './weighting/check-weighting.js';

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
  if (study.tree !== undefined) checkTree(study, study.tree);
  for (const profile of study.profiles) {
    const { nodes, weights } = profileTree(study, profile);
    checkWeights(weights, nodes);
  }
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
  checkValueShape(criterion.id, criterion.value);
  if (criterion.kind === 'measured') return;
  for (const { id } of study.alternatives) {
    const judged = criterion.judgements[id];
    if (judged === undefined) throw new RangeError(`Criterion ${criterion.id} does not judge alternative ${id}`);
    if (!(judged.low <= judged.likely && judged.likely <= judged.high) || !Number.isFinite(judged.high - judged.low)) {
      throw new RangeError(`Criterion ${criterion.id} judges ${id} without low ≤ likely ≤ high`);
    }
  }
}

/** The tree holds every criterion once. */
function checkTree({ criteria }: Study, tree: readonly WeighedNode[]): void {
  const idsOf = (nodes: readonly WeighedNode[]): readonly string[] =>
    nodes.flatMap((node) => [node.id, ...idsOf(node.criteria ?? [])]);
  const leavesOf = (nodes: readonly WeighedNode[]): readonly string[] =>
    nodes.flatMap((node) => (node.criteria === undefined ? [node.id] : leavesOf(node.criteria)));
  checkUnique(
    'criterion or group',
    idsOf(tree).map((id) => ({ id })),
  );
  const leaves = leavesOf(tree).toSorted().join();
  if (
    leaves !==
    criteria
      .map(({ id }) => id)
      .toSorted()
      .join()
  )
    throw new RangeError('The tree of groups does not hold every criterion of the study once');
}
