import type { Criterion } from '../contracts/study.js';
import { check, fault, valueAt } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import { capabilitySchema, criterionKinds, groupSchema, judgedSchema, measuredSchema } from './study-schema.js';
import type { UserError } from './user-error.js';
import { readPoints, readShape } from './value-shape.js';
import type { WrittenShape } from './value-shape.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** A criterion, and where it stands in its file. */
export interface PlacedCriterion {
  readonly path: FieldPath;
  readonly criterion: Criterion;
}

/** A criterion or a group of them, and where it stands. A group has an id only where its author gave it one. */
export interface PlacedNode {
  readonly id: string | null;
  readonly path: FieldPath;
  readonly criteria?: readonly PlacedNode[];
}

export interface CriteriaReading {
  readonly tree: readonly PlacedNode[];
  readonly criteria: readonly PlacedCriterion[];
  readonly errors: readonly UserError[];
}

const deepest = 8;

/** The tree of groups as a flat list, each criterion with the titles of the groups above it. */
export function readCriteria(source: YamlFile, path: FieldPath, groups: readonly string[] = []): CriteriaReading {
  const nodes = valueAt(source.value, path);
  if (!Array.isArray(nodes)) return { criteria: [], tree: [], errors: [] };
  const readings = nodes.map((node, index) => readNode(source, [...path, index], node, groups));
  return {
    criteria: readings.flatMap(({ criteria }) => criteria),
    tree: readings.flatMap(({ tree }) => tree),
    errors: readings.flatMap(({ errors }) => errors),
  };
}

function readNode(source: YamlFile, path: FieldPath, node: unknown, groups: readonly string[]): CriteriaReading {
  if (isMapping(node) && 'group' in node) return readGroup(source, path, groups);
  const kind = isMapping(node) ? node['kind'] : undefined;
  const unit = isMapping(node) && typeof node['unit'] === 'string' ? node['unit'] : '';
  if (kind === 'capability') {
    const { value, errors } = check(capabilitySchema, source, path);
    if (value === undefined) return { criteria: [], tree: [], errors };
    return leaf(path, { ...value, kind, group: groups });
  }
  if (kind === 'measured') {
    const { value, errors } = check(measuredSchema(unit, valueAt(node, ['value'])), source, path);
    if (value === undefined) return { criteria: [], tree: [], errors };
    const shape = shapeOf(source, [...path, 'value'], value.value);
    if (shape.value === null) return { criteria: [], tree: [], errors: shape.errors };
    return leaf(path, { ...value, kind, group: groups, value: shape.value });
  }
  if (kind === 'judged') {
    const { value, errors } = check(judgedSchema(unit, valueAt(node, ['value'])), source, path);
    if (value === undefined) return { criteria: [], tree: [], errors };
    const shape = shapeOf(source, [...path, 'value'], value.value);
    if (shape.value === null) return { criteria: [], tree: [], errors: shape.errors };
    const judgements = Object.fromEntries(
      Object.entries(value.judgements).map(([name, { because, ...range }]) => [name, { ...range, rationale: because }]),
    );
    return leaf(path, { ...value, kind, group: groups, value: shape.value, judgements });
  }
  return { criteria: [], tree: [], errors: [unknownKind(source, path, node, kind)] };
}

function leaf(path: FieldPath, criterion: Criterion): CriteriaReading {
  return { criteria: [{ path, criterion }], tree: [{ id: criterion.id, path }], errors: [] };
}

function readGroup(source: YamlFile, path: FieldPath, groups: readonly string[]): CriteriaReading {
  const { value, errors } = check(groupSchema, source, path);
  if (groups.length >= deepest) {
    const tooDeep = fault(source, path, {
      code: 'out-of-range',
      message: 'groups stand inside each other too deeply',
      expected: `at most ${deepest} levels`,
    });
    return { criteria: [], tree: [], errors: [tooDeep] };
  }
  const title = value?.group ?? '';
  const inner = readCriteria(source, [...path, 'criteria'], [...groups, title]);
  return {
    criteria: inner.criteria,
    tree: [{ id: value?.id ?? null, path, criteria: inner.tree }],
    errors: [...errors, ...inner.errors],
  };
}

function unknownKind(source: YamlFile, path: FieldPath, node: unknown, kind: unknown): UserError {
  if (!isMapping(node)) {
    return fault(source, path, {
      code: 'wrong-type',
      message: 'is no criterion',
      expected: 'a mapping with "kind", or a group with "group" and "criteria"',
    });
  }
  const expected = `${oneOf(criterionKinds)} (or "group" and "criteria" for a group)`;
  if (typeof kind !== 'string') {
    return fault(source, [...path, 'kind'], { code: 'missing-key', message: '"kind" is missing', expected });
  }
  const hint = didYouMean(kind, criterionKinds);
  return fault(source, [...path, 'kind'], {
    code: 'unknown-name',
    message: `there is no kind of criterion "${kind}"`,
    expected,
    hint,
  });
}

/** A list of points, or a mapping. */
function shapeOf(source: YamlFile, path: FieldPath, value: WrittenShape | NonNullable<WrittenShape['points']>) {
  return Array.isArray(value)
    ? readPoints(source, path, value as NonNullable<WrittenShape['points']>)
    : readShape(source, path, value as WrittenShape);
}

function isMapping(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
