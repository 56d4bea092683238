import { extname } from 'node:path';
import type { DecisionTable, TableNode } from '../contracts/decision-table.js';
import { parseDecisionTable, readDecisionTable } from '../input/decision-table.js';
import { parsePlatform } from '../input/platform.js';
import { parseStudy } from '../input/study.js';
import { checkStudyAgainst } from '../input/study-registry.js';
import { readBytes } from '../input/text-file.js';
import { UserError } from '../input/user-error.js';
import { readYaml } from '../input/yaml-file.js';
import type { YamlFile } from '../input/yaml-file.js';
import { ENGINE_NAMES, loadWorkloads } from '../runner/index.js';
import { decodeTrace } from '../workloads/trace/index.js';
import { registryWith } from './catalogue.js';

/** A file without mistakes: what it is, and what it holds. */
export interface CheckedFile {
  readonly file: string;
  readonly kind: 'study' | 'platform' | 'decision table' | 'workload' | 'trace';
  readonly holds: readonly string[];
}

const largestTrace = 2 ** 30;

/** Checks a file by what it is; a study may name the user's workloads too. UserError with every mistake of it. */
export async function checkFile(file: string, userWorkloads: readonly string[]): Promise<CheckedFile> {
  switch (extname(file).toLowerCase()) {
    case '.yaml':
    case '.yml':
    case '.json':
      return checkYaml(readYaml(file), userWorkloads);
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return checkWorkload(file);
    case '.csv':
      return describeTable(file, readDecisionTable(file));
    default:
      return checkTrace(file);
  }
}

/** Keys by which the file of each kind is told; those of `table` are a study's as well. */
const TELLING = {
  study: ['id', 'question', 'platform', 'baseline', 'workloads'],
  table: ['title', 'alternatives', 'criteria', 'profiles'],
  platform: ['models', 'defaultModels', 'settings', 'costs'],
} as const;

async function checkYaml(source: YamlFile, userWorkloads: readonly string[]): Promise<CheckedFile> {
  const keys = typeof source.value === 'object' && source.value !== null ? Object.keys(source.value) : [];
  const known = (names: readonly string[]): number => names.filter((name) => keys.includes(name)).length;
  const [study, table, platform] = [TELLING.study, TELLING.table, TELLING.platform].map(known);
  if (study + table + platform === 0) {
    throw new UserError({
      code: 'wrong-type',
      message: 'is no study, no platform and no decision table',
      where: { file: source.file, line: 1, column: 1 },
      expected:
        'a study, with "workloads", "alternatives" and "criteria"; a platform, with "settings" and "costs"; or a decision table, with "alternatives" and "criteria" alone',
    });
  }
  if (platform > study + table) return checkPlatform(source);
  return study === 0 ? describeTable(source.file, parseDecisionTable(source)) : checkStudy(source, userWorkloads);
}

function describeTable(file: string, table: DecisionTable): CheckedFile {
  const leaves = (nodes: readonly TableNode[]): number =>
    nodes.reduce((sum, node) => sum + ('criteria' in node ? leaves(node.criteria) : 1), 0);
  return {
    file,
    kind: 'decision table',
    holds: [
      table.title,
      `${table.alternatives.length} alternatives`,
      `${leaves(table.criteria)} criteria`,
      `${table.gates.length} gates`,
      `${table.profiles.length} profiles`,
    ],
  };
}

function checkPlatform(source: YamlFile): CheckedFile {
  const { title, amounts, settings, costs } = parsePlatform(source, ENGINE_NAMES);
  const stated = [...settings, ...Object.values(costs)];
  const assumed = stated.filter((each) => each.assumed).length;
  return {
    file: source.file,
    kind: 'platform',
    holds: [
      title,
      `scheme of translation: ${amounts.scheme}`,
      `${settings.length} settings`,
      `${Object.keys(costs).length} costs of events`,
      `${assumed} of these ${stated.length} figures are assumed`,
    ],
  };
}

async function checkStudy(source: YamlFile, userWorkloads: readonly string[]): Promise<CheckedFile> {
  const study = checkStudyAgainst(parseStudy(source), registryWith(await loadWorkloads(userWorkloads)));
  return {
    file: source.file,
    kind: 'study',
    holds: [
      study.title,
      `${study.alternatives.length} alternatives`,
      `${study.workloads.length} workloads`,
      `${study.criteria.length} criteria`,
      `${study.profiles.length} profiles`,
    ],
  };
}

async function checkWorkload(file: string): Promise<CheckedFile> {
  const loaded = await loadWorkloads([file]);
  const { workload } = loaded.at(-1)!;
  return {
    file,
    kind: 'workload',
    holds: [
      `${workload.id}: ${workload.title}`,
      `${Object.keys(workload.parameters).length} parameters`,
      `${Object.keys(workload.metrics).length} metrics`,
    ],
  };
}

function checkTrace(file: string): CheckedFile {
  const { accesses, loads, stores, distinctPages } = decodeTrace(readBytes(file, largestTrace), file);
  return {
    file,
    kind: 'trace',
    holds: [`${accesses} accesses`, `${loads} loads`, `${stores} stores`, `${distinctPages} pages of 4 KiB`],
  };
}
