import type { z } from 'zod';
import type { Profile } from '../contracts/study.js';
import type { WeighedNode } from '../contracts/weighting.js';
import { check, fault, unknownName, valueAt } from './check.js';
import type { PlacedNode } from './criteria.js';
import { oneOf } from './nearest.js';
import { reasonedPointsSchema } from './study-schema.js';
import type { studySchema } from './study-schema.js';
import { readTreeWeights } from './tree-weights.js';
import type { UserError } from './user-error.js';
import { pointMistakes, readWeighting } from './weighting.js';
import { weightingKinds } from './weighting-schema.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

type Written = z.output<typeof studySchema>['profiles'][number];

export interface ProfilesReading {
  readonly profiles: readonly Profile[];
  /** Ids of criteria and groups; undefined where no profile weighs groups. */
  readonly tree: readonly WeighedNode[] | undefined;
  readonly errors: readonly UserError[];
}

/**
 * The profiles of a study. Weights are points by criterion, each with its reason, or one of the ways of a decision table. They weigh all criteria at
 * once; with `within` they weigh the top of the tree, and `within` the members of each group.
 */
export function readProfiles(
  source: YamlFile,
  written: readonly Written[],
  tree: readonly PlacedNode[],
  criteria: readonly string[],
): ProfilesReading {
  const weighsGroups = written.some(({ within }) => within !== undefined);
  const nameless = weighsGroups ? groupsWithoutId(source, tree) : [];
  if (nameless.length > 0) return { profiles: [], tree: undefined, errors: nameless };
  const nodes = weighsGroups ? tree.map(toWeighed) : undefined;
  const readings = written.map((profile, index) =>
    readProfile(source, ['profiles', index], profile, criteria, nodes ?? []),
  );
  return {
    profiles: readings.flatMap(({ profile }) => (profile === null ? [] : [profile])),
    tree: nodes,
    errors: readings.flatMap(({ errors }) => errors),
  };
}

/** Mistakes in the form of points by criterion, which can be told of a file whatever else is wrong with it. */
export function misshapenPoints(source: YamlFile): readonly UserError[] {
  const profiles = valueAt(source.value, ['profiles']);
  if (!Array.isArray(profiles)) return [];
  return profiles.flatMap((profile: unknown, index) => {
    const weights = valueAt(profile, ['weights']);
    if (weights === undefined || valueAt(profile, ['within']) !== undefined || saysAWay(weights)) return [];
    return check(reasonedPointsSchema, source, ['profiles', index, 'weights']).errors;
  });
}

interface ProfileReading {
  readonly profile: Profile | null;
  readonly errors: readonly UserError[];
}

function readProfile(
  source: YamlFile,
  path: FieldPath,
  written: Written,
  criteria: readonly string[],
  nodes: readonly WeighedNode[],
): ProfileReading {
  const { id, title, because: rationale, reasons, spread, within } = written;
  const base = { id, title, rationale };
  if (within === undefined && !saysAWay(written.weights)) return readPoints(source, path, written, criteria);
  const errors = [...strayReasons(source, path, reasons, within === undefined ? criteria : idsOf(nodes))];
  if (spread !== undefined)
    errors.push(
      fault(source, [...path, 'spread'], {
        code: 'inconsistent',
        message: '"spread" stands outside the weights that it is of',
        expected: '"spread" beside "points", "swing" or "pairwise"',
      }),
    );
  if (within === undefined) {
    const members = criteria.map((criterion) => ({ id: criterion }));
    const read = readWeighting(source, [...path, 'weights'], members);
    errors.push(...read.errors);
    const { weighting } = read;
    return { profile: weighting === null ? null : { ...base, weights: weighting, reasons }, errors };
  }
  const { value, errors: wrong } = readTreeWeights(source, path, nodes, within);
  return { profile: value === null ? null : { ...base, ...value, reasons }, errors: [...errors, ...wrong] };
}

/** Points by criterion, each with its reason. */
function readPoints(
  source: YamlFile,
  path: FieldPath,
  { id, title, because: rationale, spread }: Written,
  criteria: readonly string[],
): ProfileReading {
  const at = [...path, 'weights'];
  if (valueAt(source.value, at) === undefined) {
    const missing = fault(source, at, {
      code: 'missing-key',
      message: '"weights" is missing',
      expected: `points for every criterion, or weights by ${oneOf(weightingKinds)}`,
    });
    return { profile: null, errors: [missing] };
  }
  const { value, errors } = check(reasonedPointsSchema, source, at);
  const noSpread =
    spread === undefined
      ? [
          fault(source, [...path, 'spread'], {
            code: 'missing-key',
            message: '"spread" is missing',
            expected: 'a share from 0 to 1, by which each weight may be off',
          }),
        ]
      : [];
  if (value === undefined) return { profile: null, errors: [...noSpread, ...errors] };
  const points = Object.fromEntries(Object.entries(value).map(([name, weight]) => [name, weight.points]));
  const reasons = Object.fromEntries(Object.entries(value).map(([name, weight]) => [name, weight.because]));
  const wrong = pointMistakes(source, at, points, criteria, {
    one: 'criterion',
    every: 'points for every criterion; 0 is allowed',
  });
  return {
    profile: { id, title, rationale, weights: { kind: 'points', points, spread: spread ?? 0 }, reasons },
    errors: [...noSpread, ...wrong],
  };
}

/** Whether weights are said in a way of decision tables. A criterion that is called like one has a reason. */
function saysAWay(weights: unknown): boolean {
  return weightingKinds.some((kind) => {
    const given = valueAt(weights, [kind]);
    return given !== undefined && valueAt(given, ['because']) === undefined;
  });
}

function strayReasons(
  source: YamlFile,
  path: FieldPath,
  reasons: Readonly<Record<string, string>>,
  ids: readonly string[],
): readonly UserError[] {
  return Object.keys(reasons)
    .filter((name) => !ids.includes(name))
    .map((name) => unknownName(source, [...path, 'reasons', name], 'criterion or group', name, ids, 'key'));
}

function groupsWithoutId(source: YamlFile, tree: readonly PlacedNode[]): readonly UserError[] {
  return tree.flatMap(({ id, path, criteria }) => {
    if (criteria === undefined) return [];
    const missing = fault(source, [...path, 'id'], {
      code: 'missing-key',
      message: '"id" is missing',
      expected: 'an id for every group, since a profile weighs "within" them',
    });
    return [...(id === null ? [missing] : []), ...groupsWithoutId(source, criteria)];
  });
}

function toWeighed({ id, criteria }: PlacedNode): WeighedNode {
  return { id: id ?? '', ...(criteria === undefined ? {} : { criteria: criteria.map(toWeighed) }) };
}

function idsOf(nodes: readonly WeighedNode[]): readonly string[] {
  return nodes.flatMap(({ id, criteria = [] }) => [id, ...idsOf(criteria)]);
}
