import type { z } from 'zod';
import type { TableCriterion, TableNode } from '../contracts/decision-table.js';
import type { FigureRange } from '../contracts/weighting.js';
import { check, fault, unknownName, valueAt } from './check.js';
import { criterionSchema, groupSchema } from './decision-table-schema.js';
import type { UserError } from './user-error.js';
import { readShape } from './value-shape.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

export interface NodesReading {
  readonly nodes: readonly TableNode[];
  /** Every id of a criterion or group, with its place. */
  readonly places: readonly { readonly id: string; readonly path: FieldPath }[];
  readonly errors: readonly UserError[];
}

const DEEPEST = 8;

/** The tree of criteria. */
export function readTableNodes(
  source: YamlFile,
  path: FieldPath,
  alternatives: readonly string[],
  depth = 0,
): NodesReading {
  const nodes = valueAt(source.value, path);
  if (!Array.isArray(nodes)) return { nodes: [], places: [], errors: [] };
  const readings = nodes.map((node: unknown, index) => {
    const isGroup = typeof node === 'object' && node !== null && 'group' in node;
    return isGroup
      ? readGroup(source, [...path, index], alternatives, depth)
      : readCriterion(source, [...path, index], alternatives);
  });
  return {
    nodes: readings.flatMap((reading) => reading.nodes),
    places: readings.flatMap((reading) => reading.places),
    errors: readings.flatMap((reading) => reading.errors),
  };
}

function readGroup(source: YamlFile, path: FieldPath, alternatives: readonly string[], depth: number): NodesReading {
  const { value, errors } = check(groupSchema, source, path);
  if (value === undefined) return { nodes: [], places: [], errors };
  if (depth >= DEEPEST) {
    const tooDeep = fault(source, path, {
      code: 'out-of-range',
      message: 'groups stand inside each other too deeply',
      expected: `at most ${DEEPEST} levels`,
    });
    return { nodes: [], places: [], errors: [tooDeep] };
  }
  const { group: id, title = id } = value;
  const inner = readTableNodes(source, [...path, 'criteria'], alternatives, depth + 1);
  return {
    nodes: [{ id, title, criteria: inner.nodes }],
    places: [{ id, path: [...path, 'group'] }, ...inner.places],
    errors: inner.errors,
  };
}

type Written = z.output<typeof criterionSchema>;

function readCriterion(source: YamlFile, path: FieldPath, alternatives: readonly string[]): NodesReading {
  const { value, errors } = check(criterionSchema, source, path);
  if (value === undefined) return { nodes: [], places: [], errors };
  const { id, title = id, kind, unit } = value;
  const shape = readShape(source, path, value);
  const figures = readFigures(source, path, value.figures, alternatives);
  const places = [{ id, path: [...path, 'id'] }];
  if (shape.value === null) return { nodes: [], places, errors: [...shape.errors, ...figures.errors] };
  const criterion: TableCriterion = { id, title, kind, unit, value: shape.value, figures: figures.figures };
  return { nodes: [criterion], places, errors: [...shape.errors, ...figures.errors] };
}

function readFigures(
  source: YamlFile,
  path: FieldPath,
  given: Written['figures'],
  alternatives: readonly string[],
): { readonly figures: Readonly<Record<string, FigureRange | null>>; readonly errors: readonly UserError[] } {
  const base = [...path, 'figures'];
  const errors = Object.keys(given)
    .filter((name) => !alternatives.includes(name))
    .map((name) => unknownName(source, [...base, name], 'alternative', name, alternatives, 'key'));
  const figures: Record<string, FigureRange | null> = {};
  for (const name of alternatives) {
    const figure = Object.hasOwn(given, name) ? given[name] : undefined;
    if (figure === undefined) {
      errors.push(
        fault(source, [...base, name], {
          code: 'missing-key',
          message: `"${name}" is missing`,
          expected: 'a figure for every alternative; null where there is none',
        }),
      );
      continue;
    }
    const range = typeof figure === 'number' ? { low: figure, likely: figure, high: figure } : figure;
    if (range !== null && !(range.low <= range.likely && range.likely <= range.high)) {
      errors.push(
        fault(source, [...base, name], {
          code: 'inconsistent',
          message: `low ${range.low}, likely ${range.likely}, high ${range.high} are not in this order`,
          expected: 'low ≤ likely ≤ high',
        }),
      );
    }
    figures[name] = range;
  }
  return { figures, errors };
}
