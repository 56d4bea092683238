import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { registryWith } from '../../cli/catalogue.js';
import { checkStudyAgainst } from '../../input/study-registry.js';
import { readStudy } from '../../input/study.js';
import { drawCosts } from '../../runner/cost-draws.js';
import { executeRun } from '../../runner/execute-run.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { planRuns } from '../../runner/plan.js';
import { loadWorkloads } from '../../runner/workload-files.js';
import { readPlatform } from '../../input/platform.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const loaded = await loadWorkloads([]);
const study = checkStudyAgainst(readStudy(fileOf('studies/memory-of-guests-2026.yaml')), registryWith(loaded));
const platform = readPlatform(fileOf(`platforms/${study.platform}.yaml`), ENGINE_NAMES);

test('every measured criterion is a metric of a workload that the study runs, in its unit, and better where the metric is', () => {
  for (const criterion of study.criteria) {
    if (criterion.kind !== 'measured' || criterion.value.kind !== 'piecewise') continue;
    expect(study.workloads.map(({ id }) => id)).toContain(criterion.workload);
    const { metrics } = BUILT_IN_WORKLOADS.find(({ id }) => id === criterion.workload)!;
    const { points } = criterion.value;
    const better = points[points.length - 1].value > points[0].value ? 'higher' : 'lower';
    expect([criterion.unit, better]).toEqual([metrics[criterion.metric].unit, metrics[criterion.metric].better]);
  }
});

test('only nested guests can share, and a P2M one is refused since it knows its frames', async () => {
  const tasks = planRuns({ ...study, draws: 1 }, platform, drawCosts(platform, study.seed, 1), loaded, 'test');
  const sharing = tasks.filter(({ workload }) => workload === 'oversubscription/sharing');
  const results = await Promise.all(sharing.map(executeRun));
  expect(results.map(({ findings }) => findings.map(({ rule }) => rule))).toEqual([
    ['guest-knows-its-frames'],
    ['model-has-it'],
    [],
  ]);
});
