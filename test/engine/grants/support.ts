import {
  type Domain,
  type Finding,
  type ModelId,
  type ModelOptions,
  type Platform,
  isFinding,
} from '../../../engine/index.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { type GrantRules, XEN_4_17 } from '../../../engine/grants/rules.js';
import { domainOn, hostOf, platformOf } from '../support.js';

/** What must not have been refused. */
export const ok = <T>(result: T | Finding): T => {
  if (isFinding(result)) throw new Error(`${result.rule}: ${result.detail}`);
  return result;
};

export interface Pair {
  readonly granter: Domain;
  readonly mapper: Domain;
  readonly references: GrantReferences;
}

export const pairOf = (
  granter: ModelId,
  mapper: ModelId,
  options: {
    readonly rules?: GrantRules;
    readonly access?: ModelOptions['access'];
    readonly version?: 1 | 2;
    readonly platform?: Partial<Platform>;
  } = {},
): Pair => {
  const { rules = XEN_4_17, access = 'restricted', version = 1 } = options;
  const host = hostOf(platformOf([[0, 256]], { grants: rules, ...options.platform }));
  const domains = {
    granter: domainOn(host, 'granter', granter, 48, { access }),
    mapper: domainOn(host, 'mapper', mapper, 48, { access }),
  };
  return { ...domains, references: ok(GrantReferences.open(domains.granter, version)) };
};
