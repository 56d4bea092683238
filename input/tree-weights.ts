import type { TreeWeights, WeighedNode, Weighting } from '../contracts/weighting.js';
import { unknownName } from './check.js';
import { readWeighting } from './weighting.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

export interface TreeWeightsReading {
  /** Null where the weights of the top, or of a group, have a mistake. */
  readonly value: TreeWeights | null;
  readonly errors: readonly UserError[];
}

/** The weights of the profile at `path`: its `weights` are of the top of the tree, its `within` of the members of every group. */
export function readTreeWeights(
  source: YamlFile,
  path: FieldPath,
  nodes: readonly WeighedNode[],
  given: Readonly<Record<string, unknown>>,
): TreeWeightsReading {
  const groups = groupsOf(nodes);
  const names = groups.map(({ id }) => id);
  const top = readWeighting(source, [...path, 'weights'], nodes);
  const errors = [...top.errors];
  const within: Record<string, Weighting> = {};
  for (const { id, criteria } of groups) {
    const read = readWeighting(source, [...path, 'within', id], criteria ?? []);
    errors.push(...read.errors);
    if (read.weighting !== null) within[id] = read.weighting;
  }
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) errors.push(unknownName(source, [...path, 'within', name], 'group', name, names, 'key'));
  }
  return { value: top.weighting === null || errors.length > 0 ? null : { weights: top.weighting, within }, errors };
}

function groupsOf(nodes: readonly WeighedNode[]): readonly WeighedNode[] {
  return nodes.flatMap((node) => (node.criteria === undefined ? [] : [node, ...groupsOf(node.criteria)]));
}
