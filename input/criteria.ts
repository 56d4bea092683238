import type { Criterion, ValueFunction } from '../contracts/study.js';
import { check, fault, valueAt } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import { capabilitySchema, criterionKinds, groupSchema, judgedSchema, measuredSchema } from './study-schema.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** A criterion, and where it stands in its file. */
export interface PlacedCriterion {
  readonly path: FieldPath;
  readonly criterion: Criterion;
}

export interface CriteriaReading {
  readonly criteria: readonly PlacedCriterion[];
  readonly errors: readonly UserError[];
}

const deepest = 8;

/** The tree of groups as a flat list, each criterion with the titles of the groups above it. */
export function readCriteria(source: YamlFile, path: FieldPath, groups: readonly string[] = []): CriteriaReading {
  const nodes = valueAt(source.value, path);
  if (!Array.isArray(nodes)) return { criteria: [], errors: [] };
  const readings = nodes.map((node, index) => readNode(source, [...path, index], node, groups));
  return { criteria: readings.flatMap(({ criteria }) => criteria), errors: readings.flatMap(({ errors }) => errors) };
}

function readNode(source: YamlFile, path: FieldPath, node: unknown, groups: readonly string[]): CriteriaReading {
  if (isMapping(node) && 'group' in node) return readGroup(source, path, groups);
  const kind = isMapping(node) ? node['kind'] : undefined;
  const unit = isMapping(node) && typeof node['unit'] === 'string' ? node['unit'] : '';
  if (kind === 'capability') {
    const { value, errors } = check(capabilitySchema, source, path);
    if (value === undefined) return { criteria: [], errors };
    return { criteria: [{ path, criterion: { ...value, kind, group: groups } }], errors };
  }
  if (kind === 'measured') {
    const { value, errors } = check(measuredSchema(unit), source, path);
    if (value === undefined) return { criteria: [], errors };
    return {
      criteria: [{ path, criterion: { ...value, kind, group: groups } }],
      errors: notAscending(source, path, value.value),
    };
  }
  if (kind === 'judged') {
    const { value, errors } = check(judgedSchema(unit), source, path);
    if (value === undefined) return { criteria: [], errors };
    const judgements = Object.fromEntries(
      Object.entries(value.judgements).map(([name, { because, ...range }]) => [name, { ...range, rationale: because }]),
    );
    return {
      criteria: [{ path, criterion: { ...value, kind, group: groups, judgements } }],
      errors: notAscending(source, path, value.value),
    };
  }
  return { criteria: [], errors: [unknownKind(source, path, node, kind)] };
}

function readGroup(source: YamlFile, path: FieldPath, groups: readonly string[]): CriteriaReading {
  const { value, errors } = check(groupSchema, source, path);
  if (groups.length >= deepest) {
    const tooDeep = fault(source, path, {
      code: 'out-of-range',
      message: 'groups stand inside each other too deeply',
      expected: `at most ${deepest} levels`,
    });
    return { criteria: [], errors: [tooDeep] };
  }
  const title = value?.group ?? '';
  const inner = readCriteria(source, [...path, 'criteria'], [...groups, title]);
  return { criteria: inner.criteria, errors: [...errors, ...inner.errors] };
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

function notAscending(source: YamlFile, path: FieldPath, points: ValueFunction): readonly UserError[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || point.at > before.at) return [];
    return [
      fault(source, [...path, 'value', index, 'at'], {
        code: 'inconsistent',
        message: `${point.at} does not come after ${before.at}`,
        expected: 'points in ascending order of "at"',
      }),
    ];
  });
}

function isMapping(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
