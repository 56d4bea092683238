import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EventName, MODELS, type ModelId, audit } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readPlatform } from '../../input/platform.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { resolvePlatform } from '../../runner/resolve-platform.js';
import { readCases } from '../../validation/cases.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { createLab } from '../../workloads/lab.js';
import type { Workload } from '../../workloads/workload.js';

const folder = join(packageRoot(), 'platforms');
const PLATFORMS = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));

const files = new Map(PLATFORMS.map((name) => [name, readPlatform(join(folder, `${name}.yaml`), ENGINE_NAMES)]));
const fileOf = (platform: string) => files.get(platform)!;

/** Small enough to run everywhere, and long enough to come to each kind of event. */
const SMALL: Readonly<Record<string, number>> = {
  processes: 3,
  programs: 3,
  rounds: 1,
  area: 256,
  operations: 4,
  switches: 12,
  files: 2,
  compilerMemory: 256,
  largest: 1,
  accesses: 1000,
  domains: 2,
  memory: 8,
  guestMemory: 8,
};

interface Case {
  readonly platform: string;
  readonly model: ModelId;
  readonly role: 'control' | 'guest';
}

/** Every model of every platform: as the control domain where it can be that, else as a guest. */
const CASES: readonly Case[] = PLATFORMS.flatMap((platform) => {
  const { models } = fileOf(platform);
  return MODELS.filter((id) => models[id] !== undefined).map((model) => ({
    platform,
    model,
    role: models[model]?.control === undefined ? 'guest' : 'control',
  }));
});

const MEBIBYTE = 2 ** 20;

const run = (workload: Workload, { platform, model, role }: Case, own: Readonly<Record<string, number>>) => {
  const file = fileOf(platform);
  const resolved = {
    ...resolvePlatform(file, costsOfDraw(file, drawCosts(file, 1, 1), 0)),
    banks: [{ start: 0, size: 80 * MEBIBYTE }],
    hypervisorBytes: MEBIBYTE,
    controlDomainBytes: 16 * MEBIBYTE,
  };
  const roleOf = (id: ModelId) => ({ model: id, options: {} });
  const control = roleOf(role === 'control' ? model : (file.defaultModels.control.model as ModelId));
  const guest = roleOf(role === 'guest' ? model : (file.defaultModels.guest.model as ModelId));
  const { lab, record } = createLab({
    platform: resolved,
    roles: { control, driver: guest, guest },
    seed: 'address space',
    recorded: () => {
      throw new Error('none here');
    },
  });
  const values = Object.entries(workload.parameters).map(([name, { default: usual }]): [string, number] => [
    name,
    name === 'guest' ? (role === 'guest' ? 1 : 0) : (own[name] ?? (name === 'guestMemory' ? 32 : usual)),
  ]);
  void workload.run(lab, Object.fromEntries(values));
  return { ...record, platform: resolved };
};

const SUITE = BUILT_IN_WORKLOADS.filter(({ id }) => id.startsWith('address-space/'));
const named = (name: string): Workload => SUITE.find(({ id }) => id === `address-space/${name}`)!;

describe.each(CASES)('on $platform under $model as $role every workload of processes and domains', (each) => {
  it.each(SUITE)('$id states all of its metrics and series, and the rules of memory hold after it', (workload) => {
    const { metrics, series, findings, simulation } = run(workload, each, SMALL);
    expect(findings).toEqual([]);
    expect([...metrics.keys()].toSorted()).toEqual(Object.keys(workload.metrics).toSorted());
    for (const [name, value] of metrics) expect([name, Number.isFinite(value), value >= 0]).toEqual([name, true, true]);
    for (const name of Object.keys(workload.series ?? {})) expect(series.get(name)!.values.length).toBeGreaterThan(2);
    for (const host of simulation.hosts) expect(audit(host)).toEqual([]);
  });
});

const X86 = { platform: 'x86-64-2026', role: 'guest' } as const;
const countOf = ({ simulation }: ReturnType<typeof run>, event: EventName, domain: string): number =>
  simulation.ledger.account(domain).count(event);

describe('touching new memory', () => {
  /** Pages of the recorded job, without what its null job counted. */
  const recorded = (row: string): number => {
    const { recorded: of } = readCases();
    return (of(`xen/events/${row}/touch 64`) - of(`xen/events/${row}/null-job`)) / 16_384;
  };
  const touched = (model: ModelId) => run(named('page-faults'), { ...X86, model }, { rounds: 3, area: 4096 });

  it('enters the hypervisor for each page as often as it did on a real one, under P2M and by shadow', () => {
    expect(touched('p2m').metrics.get('exits')).toBeCloseTo(recorded('pv/hypervisor page faults'), 2);
    const exits = touched('shadow').metrics.get('exits')!;
    expect(Math.abs(exits / recorded('shadow/page-fault exits') - 1)).toBeLessThan(0.04);
  });

  it('takes no hypercall and no exit behind nested tables, and the hypervisor no time', () => {
    const { metrics } = touched('nested');
    expect(['hypercalls', 'exits', 'hypervisorShare'].map((name) => metrics.get(name))).toEqual([0, 0, 0]);
  });

  it('costs less by large pages where there are some, and the same where there are none', () => {
    const time = (model: ModelId, largePages: number): number =>
      run(named('page-faults'), { ...X86, model }, { rounds: 2, area: 4096, largePages }).metrics.get(
        'timePerOperation',
      )!;
    expect(time('nested', 1)).toBeLessThan(time('nested', 0) * 0.8);
    expect(time('p2m', 1)).toBe(time('p2m', 0));
  });
});

describe('switching', () => {
  it('is two hypercalls under P2M, the base with its user twin and the return; one exit by shadow; none behind nested tables', () => {
    const entries = (model: ModelId) => {
      const { metrics } = run(named('context-switch'), { ...X86, model }, { switches: 40 });
      return [metrics.get('hypercalls'), metrics.get('exits')];
    };
    expect(entries('p2m')).toEqual([2, 0]);
    expect(entries('shadow')).toEqual([0, 1]);
    expect(entries('nested')).toEqual([0, 0]);
  });

  it('misses the TLB again only where it is flushed', () => {
    const missTime = (model: ModelId): number =>
      run(named('context-switch'), { ...X86, model }, { switches: 40 }).metrics.get('missTime')!;
    expect(missTime('p2m')).toBeGreaterThan(0);
    expect(missTime('nested')).toBe(0);
  });

  it('sets five region registers on ia64, whatever the model', () => {
    for (const model of ['direct', 'p2m', 'insert'] as const) {
      const place = { platform: 'ia64-2006', role: 'control', model } as const;
      expect(run(named('context-switch'), place, { switches: 40 }).metrics.get('exits')).toBe(5);
    }
  });
});

describe('reading at random', () => {
  it('costs an access alone while the TLB holds the footprint, and then more the larger that is', () => {
    const { series, platform } = run(named('memory-access'), { ...X86, model: 'p2m' }, { largest: 16, accesses: 2000 });
    const times = series.get('smallPages')!.values;
    expect(times[0]).toBeCloseTo(platform.costs.access!, 9);
    const grown = times.slice(-2);
    expect(grown[0]).toBeGreaterThan(times[0]);
    expect(grown[1]).toBeGreaterThan(grown[0]);
    expect(series.get('largePages')!.values).toEqual(times);
  });

  it('by large pages, where they can be, does not leave the TLB', () => {
    const { metrics, platform } = run(
      named('memory-access'),
      { ...X86, model: 'nested' },
      { largest: 8, accesses: 2000 },
    );
    expect(metrics.get('largePageAccessTime')).toBeCloseTo(platform.costs.access!, 9);
    expect(metrics.get('accessTime')).toBeGreaterThan(platform.costs.access!);
  });
});

describe('domains that come and go', () => {
  it('take the pool of their tables beside their memory, and give all of it back', () => {
    for (const [model, pages] of [
      ['p2m', 0],
      ['nested', 256 + 32],
      ['shadow', 256 + 64],
    ] as const) {
      const { metrics } = run(named('domain-creation'), { ...X86, model }, { domains: 2, memory: 32, processes: 2 });
      expect([model, metrics.get('overhead'), metrics.get('notGivenBack')]).toEqual([model, pages * 4, 0]);
    }
  });

  it('are scrubbed page by page when they are destroyed, with the pool', () => {
    const made = run(named('domain-creation'), { ...X86, model: 'nested' }, { domains: 1, memory: 32, processes: 0 });
    const pages = 32 * 256 + 256 + 32;
    const { pageScrub, pageAllocate } = made.platform.costs;
    expect(countOf(made, 'pageScrub', 'control')).toBe(pages);
    expect(made.metrics.get('destroyTime')).toBeCloseTo((pages * (pageScrub! + pageAllocate!)) / 1e6, 9);
  });
});

describe('what processes cost', () => {
  it('is mostly the hypervisor under P2M and by shadow, a hypercall an entry on ppc64, and the kernel alone behind nested tables', () => {
    const share = (place: Case): number => run(named('process-creation'), place, SMALL).metrics.get('hypervisorShare')!;
    expect(share({ ...X86, model: 'p2m' })).toBeGreaterThan(50);
    expect(share({ ...X86, model: 'shadow' })).toBeGreaterThan(50);
    expect(share({ ...X86, model: 'nested' })).toBe(0);
    const onPpc64 = run(named('process-creation'), { platform: 'ppc64-2006', role: 'guest', model: 'insert' }, SMALL);
    const entered = countOf(onPpc64, 'hashInsert', 'guest of host') + countOf(onPpc64, 'hashRemove', 'guest of host');
    expect(countOf(onPpc64, 'hypercall', 'guest of host')).toBeGreaterThanOrEqual(entered);
  });

  it('grows with the memory that is copied entry by entry, and with the pages that a child writes', () => {
    const time = (own: Readonly<Record<string, number>>): number =>
      run(named('process-creation'), { ...X86, model: 'p2m' }, { ...SMALL, ...own }).metrics.get('timePerOperation')!;
    expect(time({ memory: 2048, written: 0 })).toBeGreaterThan(time({ memory: 16, written: 0 }) * 1.5);
    expect(time({ memory: 256, written: 50 })).toBeGreaterThan(time({ memory: 256, written: 0 }));
  });
});
