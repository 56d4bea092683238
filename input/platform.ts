import type { z } from 'zod';
import { checked, fault, unknownName, valueAt } from './check.js';
import { platformSchema, roles } from './platform-schema.js';
import { parseQuantity } from './units.js';
import { throwAll } from './user-error.js';
import type { UserError } from './user-error.js';
import { readYaml } from './yaml-file.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

export type Role = (typeof roles)[number];
export type Standing = 'exists' | 'hypothetical';

/** What one event costs. The range is what its author would not be surprised by. */
export interface PlatformCost {
  /** In `unit`, as written. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: 'cycles' | 'ns' | 'us' | 'ms';
  /** Nanoseconds of one unit on this platform. */
  readonly unitNs: number;
  readonly source: string;
  readonly assumed: boolean;
}

/** A setting as a reader sees it. */
export interface PlatformSetting {
  readonly name: string;
  readonly title: string;
  readonly value: string;
  readonly unit: string;
  readonly source: string;
  readonly assumed: boolean;
}

/** Sizes in bytes, rates in bit/s, times in ns, frequencies in Hz. */
export interface PlatformAmounts {
  readonly pageSize: number;
  readonly banks: readonly { readonly start: number; readonly size: number }[];
  readonly hypervisorMemory: number;
  readonly controlDomainMemory: number;
  readonly kernelGranule: number;
  readonly tlbEntries: number;
  readonly vhptEntries: number;
  readonly insertClip: 'page' | 'run';
  readonly clock: number;
  readonly linkBandwidth: number;
  readonly linkLatency: number;
  readonly socketBuffer: number;
  readonly segmentSize: number;
}

export interface PlatformFile {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Memory model to role to whether it is there; a role that is not named cannot have the model. */
  readonly models: Readonly<Record<string, Readonly<Partial<Record<Role, Standing>>>>>;
  /** What a role has when an alternative does not name it. */
  readonly defaultModels: Readonly<
    Record<Role, { readonly model: string; readonly options: Readonly<Record<string, string | boolean>> }>
  >;
  readonly amounts: PlatformAmounts;
  readonly settings: readonly PlatformSetting[];
  /** Event to cost, for every event that was asked for. */
  readonly costs: Readonly<Record<string, PlatformCost>>;
}

/** What the engine knows. */
export interface EngineNames {
  readonly events: readonly string[];
  readonly models: readonly string[];
}

/** Reads a platform's file. UserError with every mistake: each event needs a cost, and each cost an event. */
export function readPlatform(file: string, engine: EngineNames): PlatformFile {
  return parsePlatform(readYaml(file), engine);
}

/** As `readPlatform`, from YAML already parsed. */
export function parsePlatform(source: YamlFile, engine: EngineNames): PlatformFile {
  const written: Written = checked(platformSchema, source);
  const banks = readBanks(source);
  throwAll([
    ...banks.errors,
    ...wrongLayout(source, written, banks.banks),
    ...wrongModels(source, written, engine.models),
    ...wrongCosts(source, written.costs, engine.events),
  ]);
  const clock = written.settings.clock.value;
  const unitNs = { cycles: 1e9 / clock, ns: 1, us: 1e3, ms: 1e6 };
  const amounts = Object.fromEntries(Object.entries(written.settings).map(([name, { value }]) => [name, value]));
  return {
    id: written.id,
    title: written.title,
    description: written.description,
    models: written.models as PlatformFile['models'],
    defaultModels: written.defaultModels,
    amounts: { ...(amounts as unknown as PlatformAmounts), banks: banks.banks },
    settings: Object.entries(written.settings).map(([name, { title, source: origin, assumed }]) => ({
      name,
      title,
      ...asWritten(valueAt(source.value, ['settings', name, 'value'])),
      source: origin,
      assumed,
    })),
    costs: Object.fromEntries(
      engine.events.map((event) => [event, { ...written.costs[event], unitNs: unitNs[written.costs[event].unit] }]),
    ),
  };
}

type Written = z.output<typeof platformSchema>;
type Bank = PlatformAmounts['banks'][number];

/** `0 GiB + 1 GiB`: start and size. */
function readBanks(source: YamlFile): { readonly banks: readonly Bank[]; readonly errors: readonly UserError[] } {
  const errors: UserError[] = [];
  const base: FieldPath = ['settings', 'banks', 'value'];
  const lines = valueAt(source.value, base) as readonly string[];
  const banks = lines.map((line, index) => {
    const parts = line.split('+').map((part) => parseQuantity(part, 'B'));
    const [start, size] = parts;
    if (parts.length === 2 && start?.ok && size?.ok && size.value > 0) return { start: start.value, size: size.value };
    const message = `"${line}" is no bank`;
    errors.push(
      fault(source, [...base, index], {
        code: 'wrong-type',
        message,
        expected: 'start + size, such as "4 GiB + 3 GiB"',
      }),
    );
    return { start: 0, size: 0 };
  });
  return { banks, errors };
}

function wrongLayout(source: YamlFile, { settings }: Written, banks: readonly Bank[]): readonly UserError[] {
  const pageSize = settings.pageSize.value;
  const errors: UserError[] = [];
  const at = (name: string, ...rest: FieldPath): FieldPath => ['settings', name, 'value', ...rest];
  const needs = (right: boolean, path: FieldPath, message: string, expected: string): void => {
    if (!right) errors.push(fault(source, path, { code: 'inconsistent', message, expected }));
  };
  needs(Number.isInteger(Math.log2(pageSize)), at('pageSize'), `${pageSize} B is no power of two`, 'a power of two');
  for (const [index, bank] of banks.entries()) {
    const paged = bank.start % pageSize === 0 && bank.size % pageSize === 0;
    needs(paged, at('banks', index), 'does not start and end at a page', 'multiples of pageSize');
    const before = banks[index - 1];
    const ascending = before === undefined || before.start + before.size <= bank.start;
    needs(
      ascending,
      at('banks', index),
      'starts before the bank above it ends',
      'banks in ascending order that do not overlap',
    );
  }
  for (const name of ['hypervisorMemory', 'controlDomainMemory', 'kernelGranule', 'socketBuffer'] as const) {
    needs(settings[name].value % pageSize === 0, at(name), 'is no whole number of pages', 'a multiple of pageSize');
  }
  const memory = banks.reduce((sum, { size }) => sum + size, 0);
  const taken = settings.hypervisorMemory.value + settings.controlDomainMemory.value;
  needs(
    taken < memory,
    at('controlDomainMemory'),
    'leaves no memory for guests',
    'less than the banks have, with the hypervisor taken off',
  );
  return errors;
}

function wrongModels(
  source: YamlFile,
  { models, defaultModels }: Written,
  known: readonly string[],
): readonly UserError[] {
  const unknown = Object.keys(models)
    .filter((model) => !known.includes(model))
    .map((model) => unknownName(source, ['models', model], 'memory model', model, known, 'key'));
  const standing = roles.flatMap((role) => {
    const { model } = defaultModels[role];
    const path = ['defaultModels', role, 'model'];
    if (!known.includes(model)) return [unknownName(source, path, 'memory model', model, known)];
    if (models[model]?.[role] !== undefined) return [];
    return [
      fault(source, path, {
        code: 'inconsistent',
        message: `the ${role} cannot be ${model} by "models"`,
        expected: `a model that "models" lists for ${role}`,
      }),
    ];
  });
  return [...unknown, ...standing];
}

function wrongCosts(source: YamlFile, costs: Written['costs'], events: readonly string[]): readonly UserError[] {
  const unknown = Object.keys(costs)
    .filter((event) => !events.includes(event))
    .map((event) => unknownName(source, ['costs', event], 'event', event, events, 'key'));
  const missing = events
    .filter((event) => !Object.hasOwn(costs, event))
    .map((event) =>
      fault(source, ['costs', event], {
        code: 'missing-key',
        message: `"${event}" is missing`,
        expected: 'a cost for every event of the engine',
      }),
    );
  const crossed = Object.entries(costs)
    .filter(([, { low, value, high }]) => low > value || value > high)
    .map(([event, { low, value, high }]) =>
      fault(source, ['costs', event], {
        code: 'inconsistent',
        message: `low ${low}, value ${value}, high ${high} are not in this order`,
        expected: 'low ≤ value ≤ high',
      }),
    );
  return [...unknown, ...missing, ...crossed];
}

function asWritten(value: unknown): { readonly value: string; readonly unit: string } {
  if (Array.isArray(value)) return { value: value.join(', '), unit: '' };
  const [, number, unit] = /^([+-]?[\d_.eE+-]+)\s+(\S.*)$/u.exec(String(value)) ?? [];
  return number === undefined || unit === undefined ? { value: String(value), unit: '' } : { value: number, unit };
}
