import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { requireFile } from '../input/text-file.js';
import { UserError } from '../input/user-error.js';
import { BUILT_IN_WORKLOADS } from '../workloads/built-in.js';
import type { Workload, WorkloadParameter } from '../workloads/workload.js';

/** A workload, and the code it came from when it is a user's own. */
export interface LoadedWorkload {
  readonly workload: Workload;
  readonly file: string | null;
  /** The user's file and what it imports, as one module; null for a built-in one. */
  readonly code: string | null;
}

/** The built-in workloads and those of the user's files, in this order. */
export const loadWorkloads = async (files: readonly string[]): Promise<readonly LoadedWorkload[]> => {
  const loaded: LoadedWorkload[] = BUILT_IN_WORKLOADS.map((workload) => ({ workload, file: null, code: null }));
  for (const file of files) {
    const code = await bundle(file);
    const workload = await importWorkload(code, file);
    if (loaded.some((other) => other.workload.id === workload.id)) {
      throw broken(file, `there is a workload with the id "${workload.id}" already`, 'an id of its own', 'id');
    }
    loaded.push({ workload, file, code });
  }
  return loaded;
};

const imported = new Map<string, Promise<{ default?: unknown }>>();

/** Imports a bundled module; each is imported once in a process. */
export const importWorkload = async (code: string, file: string): Promise<Workload> => {
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  const pending = imported.get(url) ?? import(url);
  imported.set(url, pending);
  let module: { default?: unknown };
  try {
    module = await pending;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw broken(file, `it cannot be loaded: ${reason}`, 'a module that runs by itself');
  }
  return checkShape(module.default, file);
};

/** SHA-256 of a module's code, in hexadecimal. */
export const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex');

const bundle = async (file: string): Promise<string> => {
  requireFile(file);
  try {
    const result = await build({
      entryPoints: [file],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      target: 'node20',
      write: false,
      logLevel: 'silent',
      legalComments: 'none',
    });
    return result.outputFiles[0].text;
  } catch (error) {
    const [first] = (error as { errors?: BundleMessage[] }).errors ?? [];
    if (first === undefined) throw error;
    const { location } = first;
    const where = location === null ? {} : { line: location.line, column: location.column + 1 };
    const at = location === null || resolve(location.file) === resolve(file) ? file : location.file;
    throw new UserError({
      code: 'workload',
      message: first.text,
      where: { file: at, ...where },
      expected: 'a TypeScript or JavaScript module without imports from packages, other than types',
    });
  }
};

interface BundleMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
}

const broken = (file: string, message: string, expected: string, field?: string): UserError =>
  new UserError({ code: 'workload', message, where: field === undefined ? { file } : { file, field }, expected });

const checkShape = (value: unknown, file: string): Workload => {
  if (typeof value !== 'object' || value === null) {
    throw broken(file, 'it has no default export', '`export default { id, title, … } satisfies Workload`');
  }
  const { id, title, description, parameters, metrics, run } = value as Record<string, unknown>;
  for (const [field, text] of Object.entries({ id, title, description })) {
    if (typeof text !== 'string' || text === '') throw broken(file, `${field} is missing`, 'a text', field);
  }
  if (!/^[\w.-]+\/[\w.-]+$/u.test(id as string)) {
    throw broken(
      file,
      `"${String(id)}" is no id of a workload`,
      'suite/name, of letters, digits, ".", "_" and "-"',
      'id',
    );
  }
  if (typeof run !== 'function') throw broken(file, 'run is missing', 'a function (lab, parameters)', 'run');
  for (const [field, table] of Object.entries({ parameters, metrics })) {
    if (typeof table !== 'object' || table === null) throw broken(file, `${field} is missing`, 'an object', field);
  }
  for (const [name, parameter] of Object.entries(parameters as Record<string, Record<string, unknown>>)) {
    const field = `parameters.${name}`;
    if (typeof parameter?.['default'] !== 'number')
      throw broken(file, 'its default is missing', 'a number', `${field}.default`);
    if (typeof parameter['unit'] !== 'string')
      throw broken(file, 'its unit is missing', 'a text, empty for a count', `${field}.unit`);
    const { default: usual, min = 0, max = Infinity } = parameter as unknown as WorkloadParameter;
    if (!(usual >= min && usual <= max)) {
      throw broken(file, `${usual} is out of range`, `${min} to ${max}`, `${field}.default`);
    }
  }
  for (const [name, metric] of Object.entries(metrics as Record<string, Record<string, unknown>>)) {
    const field = `metrics.${name}`;
    if (typeof metric?.['unit'] !== 'string') throw broken(file, 'its unit is missing', 'a text', `${field}.unit`);
    if (metric['better'] !== 'lower' && metric['better'] !== 'higher') {
      throw broken(file, 'it does not say which way is better', "'lower' or 'higher'", `${field}.better`);
    }
    const text = metric['description'];
    if (text !== undefined && typeof text !== 'string') {
      throw broken(file, 'its description is no text', 'a sentence that says what it means', `${field}.description`);
    }
  }
  return value as Workload;
};
