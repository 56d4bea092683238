import type { RoleModel, StudyAlternative } from '../contracts/study.js';
import { fault, unknownName } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import type { RegisteredModel, RegisteredPlatform, Registry } from './registry.js';
import { notThere, unnamedNotThere } from './role-standing.js';
import type { StudyDraft } from './study.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** What is wrong with the platform, and with the models and options that the alternatives give their roles on it. */
export function wrongRoles({ source, study }: StudyDraft, { platforms, models }: Registry): readonly UserError[] {
  const ids = platforms?.ids ?? [study.platform];
  if (!ids.includes(study.platform)) {
    const unknown = unknownName(source, ['platform'], 'platform', study.platform, ids);
    return [unknown, ...study.alternatives.flatMap((one, index) => wrongModels(source, index, one, models))];
  }
  const platform = platforms?.read(study.platform);
  return study.alternatives.flatMap((alternative, index) => [
    ...wrongModels(source, index, alternative, models),
    ...(platform === undefined ? [] : wrongOnPlatform(source, index, alternative, platform, models)),
  ]);
}

/** Models and options that the engine does not have. */
function wrongModels(
  source: YamlFile,
  index: number,
  { roles }: StudyAlternative,
  models: readonly RegisteredModel[] | undefined,
): readonly UserError[] {
  if (models === undefined) return [];
  const known = models.map(({ id }) => id);
  return Object.entries(roles).flatMap(([role, given]) => {
    const path = ['alternatives', index, 'roles', role];
    const model = models.find(({ id }) => id === given.model);
    if (model === undefined) return [unknownName(source, [...path, 'model'], 'memory model', given.model, known)];
    return wrongOptions(source, [...path, 'options'], model, given);
  });
}

/** Conditions that the platform does not leave open, and models that it does not have in a role under them. */
function wrongOnPlatform(
  source: YamlFile,
  index: number,
  { roles, given = {} }: StudyAlternative,
  platform: RegisteredPlatform,
  models: readonly RegisteredModel[] | undefined,
): readonly UserError[] {
  const path = ['alternatives', index];
  const conditions = wrongConditions(source, [...path, 'given'], platform, given);
  if (conditions.length > 0) return conditions;
  const isKnown = (model: string): boolean => models?.some(({ id }) => id === model) ?? true;
  const named = Object.entries(roles)
    .filter(([, { model }]) => isKnown(model))
    .flatMap(([role, asked]) => notThere(source, [...path, 'roles', role, 'model'], platform, role, asked, given));
  const others = Object.entries(platform.defaultModels)
    .filter(([role]) => !Object.hasOwn(roles, role))
    .flatMap(([role, { model }]) => {
      if (isKnown(model)) return unnamedNotThere(source, path, platform, role, model, given);
      const message = `the engine does not have ${model}, which the role ${role} has on ${platform.id} unless an alternative names it`;
      return [
        fault(source, [...path, 'roles', role], { code: 'inconsistent', message, expected: `a model for ${role}` }),
      ];
    });
  return [...named, ...others];
}

function wrongConditions(
  source: YamlFile,
  path: FieldPath,
  { id, conditions }: RegisteredPlatform,
  given: Readonly<Record<string, string>>,
): readonly UserError[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (!Object.hasOwn(conditions, name))
      return [unknownName(source, [...path, name], `condition of ${id}`, name, Object.keys(conditions), 'key')];
    const { values } = conditions[name];
    return values.includes(value) ? [] : [unknownName(source, [...path, name], `value of ${name}`, value, values)];
  });
}

function wrongOptions(
  source: YamlFile,
  path: FieldPath,
  model: RegisteredModel,
  { options }: RoleModel,
): readonly UserError[] {
  const names = Object.keys(model.options);
  return Object.entries(options).flatMap(([name, value]) => {
    const allowed = Object.hasOwn(model.options, name) ? model.options[name] : undefined;
    if (allowed === undefined) {
      const error = {
        code: 'unknown-key',
        message: `${model.id} has no option "${name}"`,
        expected: oneOf(names),
      } as const;
      return [fault(source, [...path, name], { ...error, hint: didYouMean(name, names) }, 'key')];
    }
    if (allowed.includes(value)) return [];
    const texts = allowed.map(String);
    const error = {
      code: 'unknown-name',
      message: `"${value}" is no value of ${name}`,
      expected: oneOf(texts),
    } as const;
    return [fault(source, [...path, name], { ...error, hint: didYouMean(String(value), texts) })];
  });
}
