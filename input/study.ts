import type { z } from 'zod';
import type { Criterion, Study, StudyAlternative } from '../contracts/study.js';
import { check, fault, unknownName } from './check.js';
import { readCriteria } from './criteria.js';
import type { PlacedCriterion, PlacedNode } from './criteria.js';
import { misshapenPoints, readProfiles } from './study-profiles.js';
import { type WrittenSweep, studySchema } from './study-schema.js';
import { throwAll } from './user-error.js';
import type { UserError } from './user-error.js';
import { readYaml } from './yaml-file.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/**
 * A study whose own fields agree with each other. Its workloads' parameters are still as written (`256 MiB`):
 * `checkStudyAgainst` turns them into the workloads' own units.
 */
export interface StudyDraft {
  readonly source: YamlFile;
  readonly study: Omit<Study, 'workloads' | 'flips' | 'sweeps'> & {
    readonly workloads: readonly {
      readonly id: string;
      readonly parameters: Readonly<Record<string, string | number>>;
    }[];
  };
  /** Ranges for flip points, as written; none where the study names none. */
  readonly flips: readonly WrittenFlip[];
  /** Grids, as written. */
  readonly sweeps: readonly WrittenSweep[];
  /** Where each criterion stands, in the order of `study.criteria`. */
  readonly criterionPaths: readonly FieldPath[];
}

/** Reads a study's file. UserError with every mistake that can be seen without knowing the workloads and platforms. */
export function readStudy(file: string): StudyDraft {
  return parseStudy(readYaml(file));
}

/** As `readStudy`, from YAML already parsed. */
export function parseStudy(source: YamlFile): StudyDraft {
  const { value, errors } = check(studySchema, source);
  const reading = readCriteria(source, ['criteria']);
  throwAll([...errors, ...reading.errors, ...misshapenPoints(source)]);
  const written = value as z.output<typeof studySchema>;
  const { flips = [], sweeps = [], ...rest } = written;
  const ids = reading.criteria.map(({ criterion }) => criterion.id);
  const profiles = readProfiles(source, written.profiles, reading.tree, ids);
  throwAll([
    ...repeatedIds(source, written, placesOf(reading.tree)),
    ...brokenReferences(source, written, reading.criteria),
    ...profiles.errors,
  ]);
  return {
    source,
    criterionPaths: reading.criteria.map(({ path }) => path),
    flips,
    sweeps,
    study: {
      ...rest,
      defaultProfile: written.defaultProfile ?? written.profiles[0].id,
      alternatives: written.alternatives.map(toAlternative),
      gates: written.gates.map(({ because, ...gate }) => ({ ...gate, rationale: because })),
      criteria: reading.criteria.map(({ criterion }) => criterion),
      profiles: profiles.profiles,
      ...(profiles.tree === undefined ? {} : { tree: profiles.tree }),
    },
  };
}

type WrittenFlip = NonNullable<Written['flips']>[number];

type Written = z.output<typeof studySchema>;

function toAlternative(written: Written['alternatives'][number]): StudyAlternative {
  const { given, ...rest } = written;
  const roles = Object.fromEntries(Object.entries(written.roles).filter(([, role]) => role !== undefined));
  return {
    ...rest,
    short: written.short ?? written.title,
    roles: roles as StudyAlternative['roles'],
    ...(given === undefined ? {} : { given }),
  };
}

interface Place {
  readonly id: string;
  readonly path: FieldPath;
}

/** Every id of a criterion or group. */
function placesOf(tree: readonly PlacedNode[]): readonly Place[] {
  return tree.flatMap(({ id, path, criteria = [] }) => [
    ...(id === null ? [] : [{ id, path: [...path, 'id'] }]),
    ...placesOf(criteria),
  ]);
}

function repeatedIds(source: YamlFile, study: Written, criteria: readonly Place[]): readonly UserError[] {
  const lists: readonly (readonly Place[])[] = [
    ...(['alternatives', 'workloads', 'gates', 'profiles'] as const).map((name) =>
      study[name].map((entry, index) => ({ id: entry.id, path: [name, index, 'id'] })),
    ),
    criteria,
    (study.sweeps ?? []).map(({ id }, index) => ({ id, path: ['sweeps', index, 'id'] })),
    (study.flips ?? []).map(({ workload, parameter }, index) => ({
      id: `${workload}:${parameter}`,
      path: ['flips', index, 'parameter'],
    })),
  ];
  return lists.flatMap((list) => {
    const seen = new Set<string>();
    return list.flatMap(({ id, path }) => {
      if (!seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [fault(source, path, { code: 'duplicate', message: `"${id}" is there twice`, expected: 'each id once' })];
    });
  });
}

function brokenReferences(
  source: YamlFile,
  study: Written,
  criteria: readonly PlacedCriterion[],
): readonly UserError[] {
  const alternatives = study.alternatives.map(({ id }) => id);
  const profiles = study.profiles.map(({ id }) => id);
  const workloads = study.workloads.map(({ id }) => id);
  const errors: UserError[] = [];
  if (!alternatives.includes(study.baseline))
    errors.push(unknownName(source, ['baseline'], 'alternative', study.baseline, alternatives));
  if (study.defaultProfile !== undefined && !profiles.includes(study.defaultProfile)) {
    errors.push(unknownName(source, ['defaultProfile'], 'profile', study.defaultProfile, profiles));
  }
  for (const [index, gate] of study.gates.entries()) {
    if (workloads.includes(gate.workload)) continue;
    errors.push(unknownName(source, ['gates', index, 'workload'], 'workload of this study', gate.workload, workloads));
  }
  for (const list of ['flips', 'sweeps'] as const) {
    for (const [index, { workload }] of (study[list] ?? []).entries()) {
      if (workloads.includes(workload)) continue;
      errors.push(unknownName(source, [list, index, 'workload'], 'workload of this study', workload, workloads));
    }
  }
  for (const { criterion, path } of criteria) {
    if (criterion.kind === 'judged') errors.push(...wrongJudgements(source, path, criterion, alternatives));
    else if (!workloads.includes(criterion.workload)) {
      errors.push(unknownName(source, [...path, 'workload'], 'workload of this study', criterion.workload, workloads));
    }
  }
  return errors;
}

function wrongJudgements(
  source: YamlFile,
  path: FieldPath,
  { judgements }: Extract<Criterion, { kind: 'judged' }>,
  alternatives: readonly string[],
): readonly UserError[] {
  const base = [...path, 'judgements'];
  const unknown = Object.keys(judgements)
    .filter((name) => !alternatives.includes(name))
    .map((name) => unknownName(source, [...base, name], 'alternative', name, alternatives, 'key'));
  const missing = alternatives
    .filter((name) => !Object.hasOwn(judgements, name))
    .map((name) =>
      fault(source, [...base, name], {
        code: 'missing-key',
        message: `"${name}" is missing`,
        expected: 'a judgement for every alternative',
      }),
    );
  const crossed = Object.entries(judgements)
    .filter(([, { low, likely, high }]) => low > likely || likely > high)
    .map(([name, { low, likely, high }]) =>
      fault(source, [...base, name], {
        code: 'inconsistent',
        message: `low ${low}, likely ${likely}, high ${high} are not in this order`,
        expected: 'low ≤ likely ≤ high',
      }),
    );
  return [...unknown, ...missing, ...crossed];
}
