import { extname } from 'node:path';
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
  readonly kind: 'study' | 'platform' | 'workload' | 'trace';
  readonly holds: readonly string[];
}

const largestTrace = 2 ** 30;

/** Checks a file by what it is; a study may name the user's workloads too. UserError with every mistake of it. */
export async function checkFile(file: string, userWorkloads: readonly string[]): Promise<CheckedFile> {
  switch (extname(file).toLowerCase()) {
    case '.yaml':
    case '.yml':
      return checkYaml(readYaml(file), userWorkloads);
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return checkWorkload(file);
    default:
      return checkTrace(file);
  }
}

async function checkYaml(source: YamlFile, userWorkloads: readonly string[]): Promise<CheckedFile> {
  const keys = typeof source.value === 'object' && source.value !== null ? Object.keys(source.value) : [];
  const known = (names: readonly string[]): number => names.filter((name) => keys.includes(name)).length;
  const asStudy = known(['question', 'alternatives', 'workloads', 'criteria', 'profiles']);
  const asPlatform = known(['models', 'defaultModels', 'settings', 'costs']);
  if (asStudy + asPlatform === 0) {
    throw new UserError({
      code: 'wrong-type',
      message: 'is neither a study nor a platform',
      where: { file: source.file, line: 1, column: 1 },
      expected: 'a study, with "alternatives" and "criteria", or a platform, with "settings" and "costs"',
    });
  }
  return asPlatform > asStudy ? checkPlatform(source) : checkStudy(source, userWorkloads);
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
