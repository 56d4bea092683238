import type { z } from 'zod';
import { checked, valueAt } from './check.js';
import { wrongConditions, wrongCosts, wrongLayout, wrongModels } from './platform-checks.js';
import type { Cases } from './platform-conditions.js';
import { platformSchemas, schemeSchema } from './platform-schema.js';
import type { WrittenPlatform, roles } from './platform-schema.js';
import type { Scheme, settingsOf } from './platform-settings.js';
import { throwAll } from './user-error.js';
import { readYaml } from './yaml-file.js';
import type { YamlFile } from './yaml-file.js';

export type Role = (typeof roles)[number];
export type Standing = 'exists' | 'hypothetical';

/** What a platform leaves open, and how it is where nobody says. */
export interface PlatformCondition {
  readonly title: string;
  readonly values: readonly string[];
  readonly default: string;
  readonly source: string;
  readonly assumed: boolean;
}

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

type AmountsOf<Kind extends Scheme> = {
  readonly [Name in keyof z.output<(typeof settingsOf)[Kind]>]: NonNullable<
    z.output<(typeof settingsOf)[Kind]>[Name]
  > extends { value: infer Value }
    ? Value
    : never;
};

/** Sizes in bytes, rates in bit/s, times in ns, frequencies in Hz. */
export type PlatformAmounts = { [Kind in Scheme]: AmountsOf<Kind> & { readonly scheme: Kind } }[Scheme];

export interface PlatformFile {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly conditions: Readonly<Record<string, PlatformCondition>>;
  /** Memory model to role to whether it is there; a role that is not named cannot have the model. */
  readonly models: Readonly<Record<string, Readonly<Partial<Record<Role, Standing>>>>>;
  /** Memory model to role to the cases under one of which it is there; always, where there are none. */
  readonly onlyWith: Readonly<Record<string, Readonly<Partial<Record<Role, Cases>>>>>;
  /** What a role has when an alternative does not name it. */
  readonly defaultModels: Readonly<
    Record<Role, { readonly model: string; readonly options: Readonly<Record<string, string | boolean>> }>
  >;
  /** The scheme of translation, and the settings that a platform of the scheme has. */
  readonly amounts: PlatformAmounts;
  readonly settings: readonly PlatformSetting[];
  /** Event to cost, for every event that can occur in the scheme. */
  readonly costs: Readonly<Record<string, PlatformCost>>;
}

/** What the engine knows. */
export interface EngineNames {
  /** The events that can occur in a scheme of translation. */
  readonly events: (scheme: Scheme) => readonly string[];
  readonly models: readonly string[];
}

/**
 * Reads a platform's file. UserError with every mistake: each event that can occur in its scheme needs a cost, and each
 * cost such an event.
 */
export function readPlatform(file: string, engine: EngineNames): PlatformFile {
  return parsePlatform(readYaml(file), engine);
}

/** As `readPlatform`, from YAML already parsed. */
export function parsePlatform(source: YamlFile, engine: EngineNames): PlatformFile {
  const { scheme } = checked(schemeSchema, source);
  const written = checked<WrittenPlatform>(platformSchemas[scheme], source);
  const events = engine.events(scheme);
  throwAll([
    ...wrongLayout(source, written),
    ...wrongConditions(source, written),
    ...wrongModels(source, written, engine.models),
    ...wrongCosts(source, written, engine.events),
  ]);
  const unitNs = { cycles: 1e9 / written.settings.clock.value, ns: 1, us: 1e3, ms: 1e6 };
  const amounts = Object.entries(written.settings).map(([name, setting]) => [name, setting?.value]);
  return {
    id: written.id,
    title: written.title,
    description: written.description,
    conditions: written.conditions as PlatformFile['conditions'],
    models: written.models as PlatformFile['models'],
    onlyWith: written.onlyWith as PlatformFile['onlyWith'],
    defaultModels: written.defaultModels,
    amounts: { scheme, ...Object.fromEntries(amounts) } as PlatformAmounts,
    settings: Object.entries(written.settings).map(([name, { title, source: origin, assumed }]) => ({
      name,
      title,
      ...asWritten(valueAt(source.value, ['settings', name, 'value'])),
      source: origin,
      assumed,
    })),
    costs: Object.fromEntries(
      events.map((event) => [event, { ...written.costs[event], unitNs: unitNs[written.costs[event].unit] }]),
    ),
  };
}

function asWritten(value: unknown): { readonly value: string; readonly unit: string } {
  if (Array.isArray(value)) {
    const parts = value.map(String);
    const separator = parts.some((part) => part.includes(',')) ? '; ' : ', ';
    return { value: parts.length === 0 ? 'none' : parts.join(separator), unit: '' };
  }
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([name, part]) => `${name} ${String(part)}`);
    return { value: parts.join(', '), unit: '' };
  }
  const [, number, unit] = /^([+-]?[\d_.eE+-]+)\s+(\S.*)$/u.exec(String(value)) ?? [];
  return number === undefined || unit === undefined ? { value: String(value), unit: '' } : { value: number, unit };
}
