import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Host, MODELS, type ModelId, type ModelOptions, audit } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readPlatform } from '../../input/platform.js';
import { costsOfDraw } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { resolvePlatform } from '../../runner/resolve-platform.js';
import { createLab } from '../../workloads/lab.js';
import uniformWriter from '../../workloads/migration/uniform-writer.js';

const folder = join(packageRoot(), 'platforms');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

interface Case {
  readonly platform: string;
  readonly control: ModelId;
  readonly guest: ModelId;
}

const cases: Case[] = files.flatMap((name) => {
  const { models } = readPlatform(join(folder, name), ENGINE_NAMES);
  const inRole = (role: 'control' | 'guest'): ModelId[] => MODELS.filter((id) => models[id]?.[role] !== undefined);
  return inRole('control').flatMap((control) =>
    inRole('guest').map((guest) => ({ platform: name.replace('.yaml', ''), control, guest })),
  );
});

describe('one workload file that names no model runs under every model of every platform', () => {
  it.each(cases)('$platform: control domain $control, guest $guest', ({ platform, control, guest }) => {
    const file = readPlatform(join(folder, `${platform}.yaml`), ENGINE_NAMES);
    const bank = { start: 0, size: 512 * 2 ** 20 };
    const resolved = { ...resolvePlatform(file, costsOfDraw(file, [], 0)), banks: [bank], controlDomainBytes: 2 ** 27 };
    const role = (model: ModelId): { model: ModelId; options: ModelOptions } => ({ model, options: {} });
    const { lab, record } = createLab({
      platform: resolved,
      roles: { control: role(control), driver: role(guest), guest: role(guest) },
      seed: 'every platform',
      recorded: () => {
        throw new Error('none here');
      },
    });
    uniformWriter.run(lab, { guestMemory: 64, workingSet: 4, writeRate: 2000, tool: 0, bandwidth: 100 });
    const { metrics, findings, simulation } = record;
    if (findings.length === 0) {
      expect(metrics.get('pagesSent')).toBeGreaterThanOrEqual((64 * 2 ** 20) / resolved.pageBytes);
      expect(metrics.get('downtime')).toBeGreaterThan(0);
    } else {
      expect(findings.map(({ operation }) => operation)).toEqual([expect.stringMatching(/^(migrate|build)$/u)]);
    }
    for (const host of simulation.hosts) {
      expect(host).toBeInstanceOf(Host);
      expect(audit(host)).toEqual([]);
    }
  });
});
