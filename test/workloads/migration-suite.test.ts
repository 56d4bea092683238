import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { createLab } from '../../workloads/lab.js';
import type { ModelOptions } from '../../engine/index.js';
import type { Workload } from '../../workloads/workload.js';
import { VARIANTS, costs, platformOf, vhptScheme } from '../engine/support.js';

const insert = { model: 'insert', options: {} } as const;
const platform = platformOf([[0, 16_384]], {
  controlDomainBytes: 48 * 2 ** 20,
  scheme: vhptScheme({ tlbEntries: 64, vhptEntries: 4096 }),
  socketBufferPages: 8,
  link: { bitsPerSecond: 1e9, latencyNs: 20_000 },
  costs: costs(100),
});

/** Small enough to run under every model. */
const SMALL: Readonly<Record<string, number>> = {
  guestMemory: 32,
  memory: 32,
  guests: 2,
  workingSet: 8,
  hotMemory: 1,
  writeRate: 2000,
  accessRate: 5000,
  neighbour: 96,
};

const valuesOf = ({ parameters }: Workload, own: Readonly<Record<string, number>> = {}): Record<string, number> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, { default: usual }]) => [name, own[name] ?? SMALL[name] ?? usual]),
  );

const run = async (
  workload: Workload,
  { model, options }: { readonly model: (typeof VARIANTS)[number]['model']; readonly options: ModelOptions },
  own: Readonly<Record<string, number>> = {},
) => {
  const role = { model, options };
  const { lab, record } = createLab({
    platform,
    roles: {
      control: role,
      driver: model === 'direct' ? { model, options: { access: 'restricted' } } : role,
      guest: insert,
    },
    seed: 'suite',
    recorded: () => {
      throw new Error('none here');
    },
  });
  await workload.run(lab, valuesOf(workload, own));
  return record;
};

const suite = BUILT_IN_WORKLOADS.filter(({ id, traces }) => id.startsWith('migration/') && traces === undefined);
const named = (name: string): Workload => suite.find(({ id }) => id === `migration/${name}`)!;

describe('a workload of the program', () => {
  it.each(BUILT_IN_WORKLOADS)(
    '$id says of each metric what it means, and its parameters have their defaults within their ranges',
    (workload) => {
      for (const { title, description } of Object.values(workload.metrics)) {
        expect(description).toMatch(/^[A-Z0-9].*\.$/u);
        expect(title).not.toBe('');
      }
      for (const { title, default: usual, min, max } of Object.values(workload.parameters)) {
        expect(title).not.toBe('');
        expect(usual).toBeGreaterThanOrEqual(min!);
        expect(usual).toBeLessThanOrEqual(max!);
      }
      expect(`${workload.title} ${workload.description} ${workload.id}`).not.toMatch(
        /\b(p2m|insert|shadow|nested)\b/iu,
      );
    },
  );
});

describe.each(suite)('$id', (workload) => {
  it.each(VARIANTS)(
    'states all its metrics and series or says what was refused, whatever domain0 is: $title',
    async (variant) => {
      const { metrics, findings, series } = await run(workload, variant);
      for (const [name, value] of metrics) {
        expect(Object.keys(workload.metrics)).toContain(name);
        expect([name, Number.isFinite(value)]).toEqual([name, true]);
      }
      const isWhole = metrics.size === Object.keys(workload.metrics).length;
      expect(isWhole || findings.length > 0).toBe(true);
      if (isWhole) for (const name of Object.keys(workload.series ?? {})) expect([...series.keys()]).toContain(name);
    },
  );
});

describe('what the suite shows', () => {
  it('a writer that pre-copy cannot follow is stopped for all that it writes, an idle guest for nothing', async () => {
    const idle = await run(named('idle'), VARIANTS[3]);
    const adversarial = await run(named('adversarial'), VARIANTS[3], { writeRate: 50_000 });
    expect(idle.metrics.get('leftAtStop')).toBe(0);
    expect(adversarial.metrics.get('leftAtStop')).toBeCloseTo((8 / 32) * 100, 0);
    expect(adversarial.metrics.get('downtime')!).toBeGreaterThan(50 * idle.metrics.get('downtime')!);
  });

  it('the time line has a guest at full speed but for the logging faults, and then its stop', async () => {
    const { series } = await run(named('adversarial'), VARIANTS[3], { writeRate: 50_000 });
    const speeds = series.get('guestSpeed')!.values;
    expect(speeds.length).toBeGreaterThan(10);
    for (const speed of speeds.slice(0, -3)) expect(speed).toBeGreaterThan(90);
    expect(Math.min(...speeds.slice(-3))).toBeLessThan(60);
  });

  it('the time line has each round after the one before, and a pause as long as the downtime that ends with the move', async () => {
    const { series, metrics } = await run(named('adversarial'), VARIANTS[3], { writeRate: 50_000 });
    const { starts, ends } = series.get('ratePerRound')!.times!;
    for (const [round, start] of starts.entries()) {
      expect(start).toBeGreaterThanOrEqual(ends[round - 1] ?? 0);
      expect(ends[round]).toBeGreaterThanOrEqual(start);
    }
    const [pause] = [series.get('stopped')!.times!];
    expect((pause.ends[0] - pause.starts[0]) * 1000).toBeCloseTo(metrics.get('downtime')!, 9);
    expect(pause.ends[0]).toBeCloseTo(metrics.get('totalTime')!, 9);
    expect(starts.at(-1)!).toBeGreaterThanOrEqual(pause.starts[0]);
  });

  it('over a link of half the bandwidth an idle guest takes twice as long, and a writer that pre-copy followed is followed no more', async () => {
    const idle = await Promise.all([100, 50].map((bandwidth) => run(named('idle'), VARIANTS[3], { bandwidth })));
    const [whole, half] = idle.map(({ metrics }) => metrics.get('totalTime')!);
    expect(half / whole).toBeGreaterThan(1.99);
    expect(half / whole).toBeLessThan(2.01);
    const writers = [100, 10].map((bandwidth) =>
      run(named('uniform-writer'), VARIANTS[3], { bandwidth, writeRate: 1000 }),
    );
    const converged = (await Promise.all(writers)).map(({ metrics }) => metrics.get('converged'));
    expect(converged).toEqual([100, 0]);
  });

  it('a link that drops half-way makes the move longer by what the rest takes', async () => {
    const [whole, dropped] = await Promise.all([
      run(named('link-drop'), VARIANTS[3], { dropTo: 100, writeRate: 1 }),
      run(named('link-drop'), VARIANTS[3], { dropTo: 10, writeRate: 1 }),
    ]);
    const ratio = dropped.metrics.get('totalTime')! / whole.metrics.get('totalTime')!;
    expect(ratio).toBeGreaterThan(5.4);
    expect(ratio).toBeLessThan(5.6);
  });

  it('the guest survives a link that fails, wherever that is', async () => {
    for (const failsAfter of [0, 20, 60, 99, 101, 110]) {
      const { metrics, findings } = await run(named('link-failure'), VARIANTS[3], { failsAfter });
      expect(metrics.get('survived')).toBe(100);
      expect(findings.map(({ rule }) => rule)).toEqual(['link-up']);
    }
  });

  it('guests that move at once are not done later than one after the other, and each is stopped longer', async () => {
    const own = { guestMemory: 16, workingSet: 4, writeRate: 1000, guests: 3 };
    const together = await run(named('several-guests'), VARIANTS[3], { ...own, atOnce: 1 });
    const apart = await run(named('several-guests'), VARIANTS[3], { ...own, atOnce: 0 });
    expect(together.metrics.get('meanDowntime')!).toBeGreaterThan(apart.metrics.get('meanDowntime')!);
    expect(together.metrics.get('totalTime')! / apart.metrics.get('totalTime')!).toBeGreaterThan(0.9);
    expect(together.metrics.get('totalTime')! / apart.metrics.get('totalTime')!).toBeLessThan(1.2);
  });

  it('a domain that needs its own frames does not come back from disk once they are taken, and does when they were kept', async () => {
    const direct = VARIANTS[1];
    const lost = await run(named('save-restore'), direct);
    expect(lost.findings.map(({ rule }) => rule)).toEqual(['same-frames-free']);
    expect(lost.metrics.get('keptMemory')).toBe(0);
    const kept = await run(named('save-restore'), direct, { keepsFrames: 1 });
    expect(kept.findings).toEqual([]);
    expect(kept.metrics.get('keptMemory')).toBe(100);
    const other = await run(named('save-restore'), VARIANTS[2], { keepsFrames: 1 });
    expect(other.metrics.get('keptMemory')).toBe(0);
  });

  it('a driver domain moves without its device and not with it', async () => {
    const moved = await run(named('assigned-device'), VARIANTS[2], { device: 0 });
    expect(moved.findings).toEqual([]);
    const refused = await run(named('assigned-device'), VARIANTS[2], { device: 1 });
    expect(refused.findings.map(({ rule }) => rule)).toEqual(['no-device-assigned']);
  });

  it('by post-copy the guest is stopped for its tables only and then waits for its pages', async () => {
    const { metrics } = await run(named('post-copy'), VARIANTS[3], { writeRate: 20_000 });
    const pre = await run(named('adversarial'), VARIANTS[3], { writeRate: 20_000 });
    expect(metrics.get('downtime')!).toBeLessThan(pre.metrics.get('downtime')! / 10);
    expect(metrics.get('guestSlowdown')!).toBeGreaterThan(20);
    expect(metrics.get('pagesSent')).toBe((32 * 2 ** 20) / platform.pageBytes);
  });
});
