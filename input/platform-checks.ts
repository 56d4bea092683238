import { fault, unknownName } from './check.js';
import { conditionsUnder, describeCases, oneHolds } from './platform-conditions.js';
import type { Conditions } from './platform-conditions.js';
import { wrongNodes } from './platform-nodes.js';
import { roles } from './platform-schema.js';
import type { WrittenPlatform } from './platform-schema.js';
import { schemes } from './platform-settings.js';
import type { Scheme } from './platform-settings.js';
import { wrongRadix } from './radix-sizes.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** Checks of a platform's file that span several fields. */

/** Banks, sizes in whole pages, and room for guests. */
export function wrongLayout(source: YamlFile, written: WrittenPlatform): readonly UserError[] {
  const { settings } = written;
  const pageSize = settings.pageSize.value;
  const banks = settings.banks.value;
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
  errors.push(...wrongNodes(source, settings));
  if (written.scheme === 'radix') errors.push(...wrongRadix(source, written.settings));
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

/** Defaults that are not among the values, and cases that name what the platform does not leave open. */
export function wrongConditions(
  source: YamlFile,
  { conditions, models, onlyWith }: WrittenPlatform,
): readonly UserError[] {
  const open = conditions as Readonly<Record<string, { readonly values: readonly string[]; readonly default: string }>>;
  const defaults = Object.entries(open)
    .filter(([, { values, default: usual }]) => !values.includes(usual))
    .map(([name, { values, default: usual }]) =>
      unknownName(source, ['conditions', name, 'default'], `value of ${name}`, usual, values),
    );
  const cases = Object.entries(onlyWith).flatMap(([model, byRole]) =>
    roles.flatMap((role) => {
      const needed = (byRole[role] ?? []) as readonly Conditions[];
      const path = ['onlyWith', model, role];
      if (needed.length > 0 && models[model]?.[role] === undefined) {
        return [
          fault(source, path, {
            code: 'inconsistent',
            message: `the ${role} cannot be ${model} by "models"`,
            expected: `a model that "models" lists for ${role}`,
          }),
        ];
      }
      return needed.flatMap((one, index) =>
        Object.entries(one).flatMap(([name, value]) => {
          const condition = open[name];
          if (condition === undefined)
            return [unknownName(source, [...path, index, name], 'condition', name, Object.keys(open), 'key')];
          if (condition.values.includes(value)) return [];
          return [unknownName(source, [...path, index, name], `value of ${name}`, value, condition.values)];
        }),
      );
    }),
  );
  return [...defaults, ...cases];
}

/** Models that nobody knows, and defaults that the platform itself does not have. */
export function wrongModels(
  source: YamlFile,
  written: WrittenPlatform,
  known: readonly string[],
): readonly UserError[] {
  const { models, onlyWith, defaultModels } = written;
  const unknown = Object.keys(models)
    .filter((model) => !known.includes(model))
    .map((model) => unknownName(source, ['models', model], 'memory model', model, known, 'key'));
  const conditions = conditionsUnder(written.conditions as Parameters<typeof conditionsUnder>[0], {});
  const standing = roles.flatMap((role) => {
    const { model } = defaultModels[role];
    const path = ['defaultModels', role, 'model'];
    if (!known.includes(model)) return [unknownName(source, path, 'memory model', model, known)];
    const cases = onlyWith[model]?.[role] as readonly Conditions[] | undefined;
    if (models[model]?.[role] === undefined) {
      return [
        fault(source, path, {
          code: 'inconsistent',
          message: `the ${role} cannot be ${model} by "models"`,
          expected: `a model that "models" lists for ${role}`,
        }),
      ];
    }
    if (oneHolds(cases, conditions)) return [];
    return [
      fault(source, path, {
        code: 'inconsistent',
        message: `the ${role} cannot be ${model} as "conditions" are by default`,
        expected: `${describeCases(cases!)} as the default, or another model`,
      }),
    ];
  });
  return [...unknown, ...standing];
}

/** Costs that are missing, of no event, of an event of another scheme, or outside their range. */
export function wrongCosts(
  source: YamlFile,
  { scheme, costs }: WrittenPlatform,
  eventsIn: (scheme: Scheme) => readonly string[],
): readonly UserError[] {
  const events = eventsIn(scheme);
  const elsewhere = new Set(schemes.flatMap(eventsIn));
  const unknown = Object.keys(costs)
    .filter((event) => !events.includes(event))
    .map((event) => {
      const path = ['costs', event];
      if (!elsewhere.has(event)) return unknownName(source, path, 'event', event, events, 'key');
      const message = `"${event}" cannot occur in the scheme ${scheme}`;
      return fault(source, path, { code: 'unknown-name', message, expected: 'costs of events that can' }, 'key');
    });
  const missing = events
    .filter((event) => !Object.hasOwn(costs, event))
    .map((event) =>
      fault(source, ['costs', event], {
        code: 'missing-key',
        message: `"${event}" is missing`,
        expected: `a cost for every event that can occur in the scheme ${scheme}`,
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
