import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelId, ModelOptions } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { conditionsUnder } from '../../input/platform-conditions.js';
import { readPlatform } from '../../input/platform.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { platformUnder, resolvePlatform } from '../../runner/resolve-platform.js';
import { createLab } from '../../workloads/lab.js';
import uniformWriter from '../../workloads/migration/uniform-writer.js';

const file = readPlatform(join(packageRoot(), 'platforms', 'x86-64-2026.yaml'), ENGINE_NAMES);
const costs = costsOfDraw(file, drawCosts(file, 1, 1), 0);

const migrated = (
  model: ModelId,
  { given = {}, options = {} }: { given?: Record<string, string>; options?: ModelOptions },
) => {
  const conditions = conditionsUnder(file.conditions, given);
  const small = { banks: [{ start: 0, size: 384 * 2 ** 20 }], controlDomainBytes: 2 ** 26 };
  const guest = { model, options };
  const control = { model: 'p2m', options: {} } as const;
  const { lab, record } = createLab({
    platform: { ...platformUnder(resolvePlatform(file, costs), conditions), ...small },
    conditions,
    roles: { control, driver: control, guest },
    seed: 'logging',
    recorded: () => {
      throw new Error('none here');
    },
  });
  uniformWriter.run(lab, { guestMemory: 64, workingSet: 4, writeRate: 20_000, tool: 2, bandwidth: 10 });
  return record;
};

describe('on x86-64 of today', () => {
  it('a P2M guest moves where shadow paging is built in, and is refused where it is absent', () => {
    expect(migrated('p2m', {}).findings).toEqual([]);
    const { findings, metrics } = migrated('p2m', { given: { shadowPaging: 'absent' } });
    expect(findings.map(({ operation, rule }) => [operation, rule])).toEqual([['migrate', 'shadow-paging-built-in']]);
    expect(metrics.has('downtime')).toBe(false);
  });

  it('a guest of nested tables moves without shadow paging', () => {
    expect(migrated('nested', { given: { shadowPaging: 'absent' } }).findings).toEqual([]);
  });

  it('the hardware’s log costs the guest less than write protection, and the same pages go over again', () => {
    const [faults, hardware] = ['write protection', 'hardware'].map((dirtyLog) =>
      migrated('nested', { options: { dirtyLog } as ModelOptions }),
    );
    const of = (name: string) => [faults, hardware].map(({ metrics }) => metrics.get(name)!);
    const [byFaults, byHardware] = of('loggingCpu');
    expect(byHardware).toBeGreaterThan(0);
    expect(byHardware).toBeLessThan(byFaults / 2);
    const [sentByFaults, sentByHardware] = of('pagesSent');
    expect(Math.abs(sentByHardware / sentByFaults - 1)).toBeLessThan(0.02);
  });
});
