import type { TableCriterion, TableGroup, TableNode } from '../../contracts/decision-table.js';

export const isGroup = (node: TableNode): node is TableGroup => 'criteria' in node;

/** A criterion and the ids of the groups above it, outermost first. */
export interface Leaf {
  readonly criterion: TableCriterion;
  readonly group: readonly string[];
}

export const leavesOf = (nodes: readonly TableNode[], group: readonly string[] = []): readonly Leaf[] =>
  nodes.flatMap((node) =>
    isGroup(node) ? leavesOf(node.criteria, [...group, node.id]) : [{ criterion: node, group }],
  );

/** Every group of the tree, those above before those below. */
export const groupsOf = (nodes: readonly TableNode[]): readonly TableGroup[] =>
  nodes.flatMap((node) => (isGroup(node) ? [node, ...groupsOf(node.criteria)] : []));
