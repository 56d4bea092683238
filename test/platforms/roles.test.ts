import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODELS } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readPlatform } from '../../input/platform.js';
import { conditionsUnder, oneHolds } from '../../input/platform-conditions.js';
import { ENGINE_NAMES } from '../../runner/index.js';

const FIVE = ['direct', 'insert', 'nested', 'p2m', 'shadow'];

/** Which models exist where for the control domain and for guests, and which were only thought of. */
const EXIST = {
  'altix-2006': { control: ['direct', 'insert'], guest: ['insert'], hypothetical: ['control p2m', 'guest p2m'] },
  'ia64-2006': { control: ['direct', 'insert'], guest: ['insert'], hypothetical: ['control p2m', 'guest p2m'] },
  'ppc64-2006': { control: ['insert'], guest: ['insert'], hypothetical: [] },
  'x86-64-2006': { control: ['p2m'], guest: ['p2m', 'shadow'], hypothetical: [] },
  'x86-64-2026': { control: ['nested', 'p2m'], guest: ['nested', 'p2m', 'shadow'], hypothetical: [] },
  'opteron-2006': { control: ['p2m'], guest: ['p2m', 'shadow'], hypothetical: [] },
  'arm64-2026': { control: ['direct', 'nested'], guest: ['nested'], hypothetical: [] },
} as const;

const platforms = new Map(
  Object.keys(EXIST).map((id) => [id, readPlatform(join(packageRoot(), 'platforms', `${id}.yaml`), ENGINE_NAMES)]),
);
const platformOf = (id: string) => platforms.get(id)!;

const modelsOf = (id: string, role: 'control' | 'driver' | 'guest', given: Readonly<Record<string, string>> = {}) => {
  const { conditions, models, onlyWith } = platformOf(id);
  const here = conditionsUnder(conditions, given);
  return FIVE.filter((model) => models[model]?.[role] === 'exists' && oneHolds(onlyWith[model]?.[role], here));
};

describe.each(Object.entries(EXIST))('%s', (id, { control, guest, hypothetical }) => {
  it('has the models that exist there, as its machine is by default', () => {
    expect(modelsOf(id, 'control')).toEqual(control);
    expect(modelsOf(id, 'guest')).toEqual(guest);
  });

  it('has as hypothetical what was only thought of', () => {
    const { models } = platformOf(id);
    const found = (['control', 'guest'] as const).flatMap((role) =>
      FIVE.filter((model) => models[model]?.[role] === 'hypothetical').map((model) => `${role} ${model}`),
    );
    expect(found).toEqual(hypothetical);
  });
});

describe('a translated domain that drives devices needs them translated', () => {
  it.each([
    ['x86-64-2026', 'control', { iommu: 'none' }, ['p2m']],
    ['x86-64-2026', 'driver', { iommu: 'none' }, ['p2m']],
    ['arm64-2026', 'control', { iommu: 'some' }, ['direct']],
    ['arm64-2026', 'control', { iommu: 'none' }, ['direct']],
    ['arm64-2026', 'control', { iommu: 'none', controlDma: 'none' }, ['direct', 'nested']],
    ['arm64-2026', 'driver', { iommu: 'some' }, ['nested']],
    ['arm64-2026', 'driver', { iommu: 'none' }, []],
    ['arm64-2026', 'driver', { iommu: 'none', guestMemory: 'static' }, ['direct']],
  ] as const)('%s, %s domain, %j: %j', (id, role, given, models) => {
    expect(modelsOf(id, role, given)).toEqual(models);
  });
});

it('guests are P==M on Arm only with static memory, and translated ones are there beside them', () => {
  expect(modelsOf('arm64-2026', 'guest', { guestMemory: 'static' })).toEqual(['direct', 'nested']);
});

it('a platform file may name every model that the engine has', () => {
  expect(MODELS.filter((model) => !FIVE.includes(model))).toEqual([]);
  expect([...ENGINE_NAMES.models].toSorted()).toEqual(FIVE);
});
