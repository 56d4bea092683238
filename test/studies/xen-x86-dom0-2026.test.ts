import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPlatform } from '../../input/platform.js';
import { readStudy } from '../../input/study.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { study } = readStudy(fileOf('studies/xen-x86-dom0-2026.yaml'));
const platform = readPlatform(fileOf(`platforms/${study.platform}.yaml`), ENGINE_NAMES);

test('both alternatives are models that domain0 has on the platform, and one is its default', () => {
  const models = study.alternatives.map(({ roles }) => roles.control.model);
  for (const model of models) expect(platform.models[model as 'p2m']?.control).toBe('exists');
  expect(models).toContain(platform.defaultModels.control.model);
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

test('what nobody has tried is judged as a range, and its likely figure is at no end of it', () => {
  for (const criterion of study.criteria) {
    if (criterion.kind !== 'judged') continue;
    for (const { low, likely, high } of Object.values(criterion.judgements)) {
      expect(high).toBeGreaterThan(low);
      expect(likely).toBeLessThan(high);
    }
    const { low, likely } = criterion.judgements['pvh'];
    expect(likely).toBeGreaterThan(low);
  }
});
