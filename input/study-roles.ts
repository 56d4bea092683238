import type { RoleModel } from '../contracts/study.js';
import { fault, unknownName } from './check.js';
import { didYouMean, oneOf } from './nearest.js';
import type { StudyDraft } from './study.js';
import type { RegisteredModel, RegisteredPlatform, Registry } from './registry.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/** What is wrong with the platform, and with the models and options that the alternatives give their roles on it. */
export function wrongRoles({ source, study }: StudyDraft, { platforms, models }: Registry): readonly UserError[] {
  const platform = platforms?.find(({ id }) => id === study.platform);
  const errors: UserError[] = [];
  if (platforms !== undefined && platform === undefined) {
    const ids = platforms.map(({ id }) => id);
    errors.push(unknownName(source, ['platform'], 'platform', study.platform, ids));
  }
  for (const [index, { roles }] of study.alternatives.entries()) {
    for (const [role, given] of Object.entries(roles)) {
      const path = ['alternatives', index, 'roles', role];
      const model = models?.find(({ id }) => id === given.model);
      if (models !== undefined && model === undefined) {
        errors.push(
          unknownName(
            source,
            [...path, 'model'],
            'memory model',
            given.model,
            models.map(({ id }) => id),
          ),
        );
        continue;
      }
      if (model !== undefined) errors.push(...wrongOptions(source, [...path, 'options'], model, given));
      if (platform !== undefined) errors.push(...notThere(source, [...path, 'model'], platform, role, given));
    }
  }
  return errors;
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

/** A model that the platform never had in a role has to be asked for by the word `hypothetical`, and some cannot be had at all. */
function notThere(
  source: YamlFile,
  path: FieldPath,
  platform: RegisteredPlatform,
  role: string,
  given: RoleModel,
): readonly UserError[] {
  const standing = platform.models[given.model]?.[role];
  if (standing === 'exists' || (standing === 'hypothetical' && given.hypothetical)) return [];
  if (standing === 'hypothetical') {
    const message = `${platform.id} never had a ${role} domain of the model ${given.model}`;
    return [
      fault(source, path, {
        code: 'inconsistent',
        message,
        expected: '"hypothetical: true" beside it, to ask for what never existed',
      }),
    ];
  }
  const possible = Object.keys(platform.models).filter((model) => platform.models[model]?.[role] !== undefined);
  const message = `${platform.id} has no ${given.model} for the role ${role}`;
  return [fault(source, path, { code: 'inconsistent', message, expected: oneOf(possible) })];
}
