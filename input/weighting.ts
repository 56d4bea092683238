import type { z } from 'zod';
import type { Weighting } from '../contracts/weighting.js';
import { check, fault, unknownName, valueAt } from './check.js';
import { oneOf } from './nearest.js';
import type { UserError } from './user-error.js';
import { weightingKinds, weightingSchema } from './weighting-schema.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

type Written = z.output<typeof weightingSchema>;
type Kind = (typeof weightingKinds)[number];

export interface WeightingReading {
  /** Null where it has a mistake. */
  readonly weighting: Weighting | null;
  readonly errors: readonly UserError[];
}

/** How the members of a group, or of the top, are weighed. */
export function readWeighting(
  source: YamlFile,
  path: FieldPath,
  members: readonly { readonly id: string }[],
): WeightingReading {
  if (valueAt(source.value, path) === undefined) {
    const missing = fault(source, path, {
      code: 'missing-key',
      message: `"${String(path.at(-1))}" is missing`,
      expected: `weights by ${oneOf(weightingKinds)}`,
    });
    return { weighting: null, errors: [missing] };
  }
  const { value, errors } = check(weightingSchema, source, path);
  if (value === undefined) return { weighting: null, errors };
  const given = weightingKinds.filter((kind) => value[kind] !== undefined);
  if (given.length !== 1) {
    const message = given.length === 0 ? 'does not say how it weighs' : `weighs by ${given.join(' and by ')}`;
    const unclear = fault(source, path, {
      code: 'inconsistent',
      message,
      expected: `exactly ${oneOf(weightingKinds)}`,
    });
    return { weighting: null, errors: [unclear] };
  }
  const [kind] = given;
  const ids = members.map(({ id }) => id);
  const wrong = [...strayOptions(source, path, kind, value), ...mistakes(source, [...path, kind], kind, value, ids)];
  return wrong.length > 0 ? { weighting: null, errors: wrong } : { weighting: toWeighting(kind, value), errors: [] };
}

/** `spread` and `randomIndex` mean nothing for some ways to weigh. */
function strayOptions(source: YamlFile, path: FieldPath, kind: Kind, value: Written): readonly UserError[] {
  const means: Readonly<Record<'spread' | 'randomIndex', readonly Kind[]>> = {
    spread: ['points', 'swing', 'pairwise'],
    randomIndex: ['pairwise'],
  };
  return (['spread', 'randomIndex'] as const)
    .filter((option) => value[option] !== undefined && !means[option].includes(kind))
    .map((option) =>
      fault(source, [...path, option], {
        code: 'inconsistent',
        message: `"${option}" means nothing beside "${kind}"`,
        expected: `${oneOf(means[option])} beside it`,
      }),
    );
}

function mistakes(
  source: YamlFile,
  path: FieldPath,
  kind: Kind,
  value: Written,
  ids: readonly string[],
): readonly UserError[] {
  switch (kind) {
    case 'points':
      return pointMistakes(source, path, value.points!, ids);
    case 'ranges':
      return (
        named(source, path, value.ranges!, ids) ?? [
          ...crossed(source, path, value.ranges!),
          ...sum(
            source,
            path,
            Object.values(value.ranges!).map(({ likely }) => likely),
          ),
        ]
      );
    case 'swing':
      return named(source, path, value.swing!, ids) ?? largest(source, path, Object.values(value.swing!));
    case 'order':
      return ordered(source, path, value.order!, ids);
    case 'pairwise':
      return paired(source, path, value.pairwise!, ids);
    case 'unknown':
      return [];
    default:
      return kind satisfies never;
  }
}

/** What is wrong with points: names that are no members, members without any, and a sum that is not 100. */
export function pointMistakes(
  source: YamlFile,
  path: FieldPath,
  points: Readonly<Record<string, number>>,
  ids: readonly string[],
  words: Words = ofMembers,
): readonly UserError[] {
  return named(source, path, points, ids, words) ?? sum(source, path, Object.values(points));
}

/** What those that are weighed are called. */
interface Words {
  readonly one: string;
  readonly every: string;
}

const ofMembers: Words = { one: 'member here', every: 'a weight for every member; 0 is allowed' };

/** Unknown and missing names; null where there are none. */
function named(
  source: YamlFile,
  path: FieldPath,
  given: Readonly<Record<string, unknown>>,
  ids: readonly string[],
  { one, every }: Words = ofMembers,
): readonly UserError[] | null {
  const unknown = Object.keys(given)
    .filter((name) => !ids.includes(name))
    .map((name) => unknownName(source, [...path, name], one, name, ids, 'key'));
  const missing = ids
    .filter((name) => !Object.hasOwn(given, name))
    .map((name) =>
      fault(source, [...path, name], { code: 'missing-key', message: `"${name}" is missing`, expected: every }),
    );
  return unknown.length + missing.length > 0 ? [...unknown, ...missing] : null;
}

function sum(source: YamlFile, path: FieldPath, points: readonly number[]): readonly UserError[] {
  const total = points.reduce((before, each) => before + each, 0);
  if (Math.abs(total - 100) < 1e-9) return [];
  const difference = Number((100 - total).toPrecision(6));
  const hint = difference > 0 ? `${difference} are missing` : `${-difference} too many`;
  const message = `the points sum to ${Number(total.toPrecision(6))}`;
  return [fault(source, path, { code: 'inconsistent', message, expected: 'a sum of 100', hint }, 'key')];
}

function crossed(source: YamlFile, path: FieldPath, ranges: NonNullable<Written['ranges']>): readonly UserError[] {
  return Object.entries(ranges).flatMap(([name, { low, likely, high }]) =>
    low <= likely && likely <= high
      ? []
      : [
          fault(source, [...path, name], {
            code: 'inconsistent',
            message: `low ${low}, likely ${likely}, high ${high} are not in this order`,
            expected: 'low ≤ likely ≤ high',
          }),
        ],
  );
}

function largest(source: YamlFile, path: FieldPath, swings: readonly number[]): readonly UserError[] {
  const most = Math.max(...swings);
  if (most === 100) return [];
  return [
    fault(
      source,
      path,
      { code: 'inconsistent', message: `the most valued swing is ${most}`, expected: '100 for the most valued' },
      'key',
    ),
  ];
}

function ordered(
  source: YamlFile,
  path: FieldPath,
  order: NonNullable<Written['order']>,
  ids: readonly string[],
): readonly UserError[] {
  const places = order.flatMap((place, index): readonly (readonly [string, FieldPath])[] =>
    typeof place === 'string'
      ? [[place, [...path, index]]]
      : place.map((id, inner): readonly [string, FieldPath] => [id, [...path, index, inner]]),
  );
  const errors: UserError[] = [];
  const seen = new Set<string>();
  for (const [id, at] of places) {
    if (!ids.includes(id)) errors.push(unknownName(source, at, 'member here', id, ids));
    if (seen.has(id))
      errors.push(
        fault(source, at, { code: 'duplicate', message: `"${id}" has two places`, expected: 'each member once' }),
      );
    seen.add(id);
  }
  const missing = ids.filter((id) => !seen.has(id));
  if (missing.length > 0)
    errors.push(
      fault(
        source,
        path,
        {
          code: 'missing-key',
          message: `${missing.map((id) => `"${id}"`).join(', ')} has no place`,
          expected: 'a place for every member',
        },
        'key',
      ),
    );
  return errors;
}

function paired(
  source: YamlFile,
  path: FieldPath,
  pairs: NonNullable<Written['pairwise']>,
  ids: readonly string[],
): readonly UserError[] {
  const errors: UserError[] = [];
  const seen = new Set<string>();
  const nameOf = (one: string, other: string): string => [one, other].toSorted().join('\n');
  for (const [index, [one, other]] of pairs.entries()) {
    for (const [place, id] of [one, other].entries())
      if (!ids.includes(id)) errors.push(unknownName(source, [...path, index, place], 'member here', id, ids));
    if (one === other || seen.has(nameOf(one, other)))
      errors.push(
        fault(source, [...path, index], {
          code: 'duplicate',
          message: `"${one}" and "${other}" are compared twice`,
          expected: 'each pair once',
        }),
      );
    seen.add(nameOf(one, other));
  }
  const missing = ids.flatMap((one, index) =>
    ids.slice(index + 1).flatMap((other) => (seen.has(nameOf(one, other)) ? [] : [`"${one}" and "${other}"`])),
  );
  if (missing.length > 0)
    errors.push(
      fault(
        source,
        path,
        { code: 'missing-key', message: `not compared: ${missing.join('; ')}`, expected: 'every pair once' },
        'key',
      ),
    );
  return errors;
}

function toWeighting(kind: Kind, value: Written): Weighting {
  const { spread = 0 } = value;
  switch (kind) {
    case 'points':
      return { kind, points: value.points!, spread };
    case 'ranges':
      return { kind, ranges: value.ranges! };
    case 'order':
      return { kind, places: value.order!.map((place) => (typeof place === 'string' ? [place] : place)) };
    case 'swing':
      return { kind, swings: value.swing!, spread };
    case 'pairwise':
      return { kind, pairs: value.pairwise!, randomIndex: value.randomIndex ?? 'Saaty 1980', spread };
    case 'unknown':
      return { kind };
    default:
      return kind satisfies never;
  }
}
