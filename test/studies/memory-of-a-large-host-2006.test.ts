import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunResult } from '../../contracts/run.js';
import { readPlatform } from '../../input/platform.js';
import { registryWith } from '../../cli/catalogue.js';
import { checkStudyAgainst } from '../../input/study-registry.js';
import { readStudy } from '../../input/study.js';
import { drawCosts } from '../../runner/cost-draws.js';
import { executeRun } from '../../runner/execute-run.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { planRuns } from '../../runner/plan.js';
import { loadWorkloads } from '../../runner/workload-files.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const loaded = await loadWorkloads([]);
const study = checkStudyAgainst(readStudy(fileOf('studies/memory-of-a-large-host-2006.yaml')), registryWith(loaded));
const platform = readPlatform(fileOf(`platforms/${study.platform}.yaml`), ENGINE_NAMES);

test('every criterion is a metric of a workload that the study runs, in its unit, and better where the metric is', () => {
  for (const criterion of study.criteria) {
    if (criterion.kind !== 'measured' || criterion.value.kind !== 'piecewise') throw new Error(criterion.id);
    expect(study.workloads.map(({ id }) => id)).toContain(criterion.workload);
    const { metrics } = BUILT_IN_WORKLOADS.find(({ id }) => id === criterion.workload)!;
    const { points } = criterion.value;
    const better = points[points.length - 1].value > points[0].value ? 'higher' : 'lower';
    expect([criterion.unit, better]).toEqual([metrics[criterion.metric].unit, metrics[criterion.metric].better]);
  }
});

describe('what the page is to show differs between the models', () => {
  const WANTED = new Set(['numa/control-domain', 'hot-plug/remove-bank', 'oversubscription/until-it-breaks']);
  let results: readonly RunResult[] = [];
  beforeAll(async () => {
    const tasks = planRuns({ ...study, draws: 1 }, platform, drawCosts(platform, study.seed, 1), loaded, 'test');
    results = await Promise.all(tasks.filter(({ workload }) => WANTED.has(workload)).map(executeRun));
  });
  const metric = (workload: string, name: string): readonly number[] =>
    study.alternatives.map(
      ({ id }) => results.find((each) => each.workload === workload && each.alternative === id)!.metrics[name].value,
    );

  test('P==M has its memory near, and the others a quarter of it', () => {
    expect(metric('numa/control-domain', 'localShare')).toEqual([100, 25, 25]);
  });

  test('frames of a P==M domain block a removal, and nothing does elsewhere', () => {
    const [direct, ...others] = metric('hot-plug/remove-bank', 'blockedByKernel');
    expect(direct).toBeGreaterThan(0);
    expect(others).toEqual([0, 0]);
  });

  test('fewer P==M domains fit than without giving anything up, and twice as many others', () => {
    const [direct, ...others] = metric('oversubscription/until-it-breaks', 'guests');
    expect(direct).toBeLessThan(8);
    for (const fit of others) expect(fit).toBeGreaterThan(12);
  });

  test('frame maps are there for the first two', () => {
    for (const { workload, frameMaps } of results)
      expect(frameMaps?.length ?? 0).toBe(workload === 'oversubscription/until-it-breaks' ? 0 : 2);
  });
});
