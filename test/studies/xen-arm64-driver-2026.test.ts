import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPlatform } from '../../input/platform.js';
import { readStudy } from '../../input/study.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { study } = readStudy(fileOf('studies/xen-arm64-driver-2026.yaml'));
const platform = readPlatform(fileOf(`platforms/${study.platform}.yaml`), ENGINE_NAMES);

test('every alternative names a model that a driver domain has on the platform, and P==M ones have an identity second stage', () => {
  for (const { roles } of study.alternatives) {
    expect(platform.models[roles.driver.model as 'direct']?.driver).toBe('exists');
    if (roles.driver.model === 'direct') expect(roles.driver.options.access).toBe('restricted');
  }
});

test('every measured criterion is a metric of a workload that the study runs, in its unit, of which less is better', () => {
  const measured = study.criteria.filter((criterion) => criterion.kind === 'measured');
  expect(measured.length).toBeGreaterThan(0);
  for (const { workload, metric, unit } of measured) {
    expect(study.workloads.map(({ id }) => id)).toContain(workload);
    const { metrics } = BUILT_IN_WORKLOADS.find(({ id }) => id === workload)!;
    expect([metrics[metric].unit, metrics[metric].better]).toEqual([unit, 'lower']);
  }
});

test('each judgement is a range with its likely figure inside', () => {
  for (const criterion of study.criteria) {
    if (criterion.kind !== 'judged') continue;
    for (const { low, likely, high } of Object.values(criterion.judgements)) {
      expect([likely > low, high > likely]).toEqual([true, true]);
    }
  }
});
