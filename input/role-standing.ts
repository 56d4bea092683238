import type { RoleModel } from '../contracts/study.js';
import { fault } from './check.js';
import { oneOf } from './nearest.js';
import { conditionsUnder, describeCases, describeConditions, oneHolds } from './platform-conditions.js';
import type { Conditions } from './platform-conditions.js';
import type { RegisteredPlatform } from './registry.js';
import type { UserError } from './user-error.js';
import type { FieldPath, YamlFile } from './yaml-file.js';

/**
 * A model that the platform never had in a role has to be asked for by the word `hypothetical`; some are there only
 * under a condition, and some cannot be had at all.
 */
export function notThere(
  source: YamlFile,
  path: FieldPath,
  platform: RegisteredPlatform,
  role: string,
  { model, hypothetical }: RoleModel,
  given: Conditions,
): readonly UserError[] {
  const standing = platform.models[model]?.[role];
  const wrong = (message: string, expected: string): readonly UserError[] => [
    fault(source, path, { code: 'inconsistent', message, expected }),
  ];
  if (standing === undefined) {
    const possible = Object.keys(platform.models).filter((other) => platform.models[other]?.[role] !== undefined);
    return wrong(`${platform.id} has no ${model} for the role ${role}`, oneOf(possible));
  }
  if (standing === 'hypothetical' && !hypothetical) {
    const message = `${platform.id} never had a ${role} domain of the model ${model}`;
    return wrong(message, '"hypothetical: true" beside it, to ask for what never existed');
  }
  const unmet = unmetBy(platform, model, role, given);
  if (unmet === undefined) return [];
  return wrong(
    `${platform.id} has ${model} for the role ${role} only with ${unmet.needed}; here ${unmet.found}`,
    `"given: {…}" of this alternative to say ${unmet.needed}, or another model`,
  );
}

/** A role that an alternative does not name keeps the platform's model, which what the alternative says may rule out. */
export function unnamedNotThere(
  source: YamlFile,
  alternative: FieldPath,
  platform: RegisteredPlatform,
  role: string,
  model: string,
  given: Conditions,
): readonly UserError[] {
  const unmet = unmetBy(platform, model, role, given);
  if (unmet === undefined) return [];
  return [
    fault(source, [...alternative, 'given'], {
      code: 'inconsistent',
      message: `rules out ${model}, which the role ${role} has on ${platform.id} unless an alternative names it: that needs ${unmet.needed}; here ${unmet.found}`,
      expected: `a model for ${role} under "roles", or other conditions`,
    }),
  ];
}

/** What a model needs in a role and does not find, in words. */
function unmetBy(
  { conditions, onlyWith }: RegisteredPlatform,
  model: string,
  role: string,
  given: Conditions,
): { readonly needed: string; readonly found: string } | undefined {
  const cases = onlyWith[model]?.[role];
  const found = conditionsUnder(conditions, given);
  if (cases === undefined || oneHolds(cases, found)) return undefined;
  const asked = new Set(cases.flatMap((needed) => Object.keys(needed)));
  const relevant = Object.fromEntries(Object.entries(found).filter(([name]) => asked.has(name)));
  return { needed: describeCases(cases), found: describeConditions(relevant) };
}
