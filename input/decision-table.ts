import { extname } from 'node:path';
import type { z } from 'zod';
import type { DecisionTable, TableGate, TableNode, TableProfile } from '../contracts/decision-table.js';
import { check, fault, unknownName, valueAt } from './check.js';
import { parseCsvTable } from './decision-table-csv.js';
import { readTableNodes } from './decision-table-criteria.js';
import { gateSchema, profileSchema, tableSchema } from './decision-table-schema.js';
import { readText } from './text-file.js';
import { readTreeWeights } from './tree-weights.js';
import { throwAll } from './user-error.js';
import type { UserError } from './user-error.js';
import { parseYaml } from './yaml-file.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** Reads a decision table from YAML, JSON (which is YAML) or, by its ending, CSV. UserError with every mistake of it. */
export function readDecisionTable(file: string): DecisionTable {
  const text = readText(file);
  return parseDecisionTable(extname(file).toLowerCase() === '.csv' ? parseCsvTable(text, file) : parseYaml(text, file));
}

/** As `readDecisionTable`, from text already parsed. */
export function parseDecisionTable(source: YamlFile): DecisionTable {
  const { value, errors } = check(tableSchema, source);
  throwAll(errors);
  const written = value as z.output<typeof tableSchema>;
  const alternatives = written.alternatives.map((each) => {
    const { id, title } = typeof each === 'string' ? { id: each, title: each } : each;
    return { id, title: title ?? id };
  });
  const ids = alternatives.map(({ id }) => id);
  const reading = readTableNodes(source, ['criteria'], ids);
  throwAll([
    ...reading.errors,
    ...repeated(
      source,
      ids.map((id, index) => ({ id, path: ['alternatives', index] })),
    ),
    ...repeated(source, reading.places),
  ]);
  const leaves = leafIds(reading.nodes);
  const gates = readGates(source, leaves, ids);
  const profiles = readProfiles(source, reading.nodes);
  throwAll([...gates.errors, ...profiles.errors]);
  return {
    title: written.title,
    seed: written.seed,
    samples: written.samples,
    alternatives,
    criteria: reading.nodes,
    gates: gates.gates,
    profiles: profiles.profiles,
  };
}

interface Place {
  readonly id: string;
  readonly path: FieldPath;
}

function repeated(source: YamlFile, places: readonly Place[]): readonly UserError[] {
  const seen = new Set<string>();
  return places.flatMap(({ id, path }) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [fault(source, path, { code: 'duplicate', message: `"${id}" is there twice`, expected: 'each id once' })];
  });
}

function leafIds(nodes: readonly TableNode[]): readonly string[] {
  return nodes.flatMap((node) => ('criteria' in node ? leafIds(node.criteria) : [node.id]));
}

function listAt(source: YamlFile, name: string): readonly unknown[] {
  return (valueAt(source.value, [name]) ?? []) as readonly unknown[];
}

function readGates(
  source: YamlFile,
  criteria: readonly string[],
  alternatives: readonly string[],
): { readonly gates: readonly TableGate[]; readonly errors: readonly UserError[] } {
  const gates: TableGate[] = [];
  const errors: UserError[] = [];
  const places: Place[] = [];
  listAt(source, 'gates').forEach((_, index) => {
    const path = ['gates', index];
    const read = check(gateSchema, source, path);
    errors.push(...read.errors);
    if (read.value === undefined) return;
    const { id, title = id, criterion, atLeast = null, atMost = null, fails } = read.value;
    places.push({ id, path: [...path, 'id'] });
    if (fails !== undefined && criterion === undefined && atLeast === null && atMost === null) {
      for (const name of Object.keys(fails)) {
        if (!alternatives.includes(name))
          errors.push(unknownName(source, [...path, 'fails', name], 'alternative', name, alternatives, 'key'));
      }
      gates.push({ kind: 'stated', id, title, fails });
    } else if (fails === undefined && criterion !== undefined && (atLeast !== null || atMost !== null)) {
      if (!criteria.includes(criterion))
        errors.push(unknownName(source, [...path, 'criterion'], 'criterion', criterion, criteria));
      gates.push({ kind: 'limit', id, title, criterion, atLeast, atMost });
    } else {
      errors.push(
        fault(source, path, {
          code: 'inconsistent',
          message: 'a gate is a limit or a list of those that fail',
          expected: '"criterion" with "atLeast" or "atMost", or "fails" alone',
        }),
      );
    }
  });
  return { gates, errors: [...errors, ...repeated(source, places)] };
}

function readProfiles(
  source: YamlFile,
  nodes: readonly TableNode[],
): { readonly profiles: readonly TableProfile[]; readonly errors: readonly UserError[] } {
  const profiles: TableProfile[] = [];
  const errors: UserError[] = [];
  const places: Place[] = [];
  listAt(source, 'profiles').forEach((_, index) => {
    const path = ['profiles', index];
    const read = check(profileSchema, source, path);
    errors.push(...read.errors);
    if (read.value === undefined) return;
    const { id, title = id, within: given } = read.value;
    places.push({ id, path: [...path, 'id'] });
    const { value, errors: wrong } = readTreeWeights(source, path, nodes, given);
    errors.push(...wrong);
    if (value !== null) profiles.push({ id, title, ...value });
  });
  return { profiles, errors: [...errors, ...repeated(source, places)] };
}
