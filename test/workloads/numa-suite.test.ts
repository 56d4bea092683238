import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODELS, type ModelId, type ModelOptions, type Platform, audit } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { type PlatformFile, readPlatform } from '../../input/platform.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { resolvePlatform } from '../../runner/resolve-platform.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { type LabRecord, createLab } from '../../workloads/lab.js';

const folder = join(packageRoot(), 'platforms');
const fileOf = (name: string): PlatformFile => readPlatform(join(folder, name), ENGINE_NAMES);
const resolved = (file: PlatformFile): Platform => resolvePlatform(file, costsOfDraw(file, drawCosts(file, 1, 1), 0));
const opteron = resolved(fileOf('opteron-2006.yaml'));

/** A platform's own parts, and the nodes of the one that was measured. */
const withNodes = (name: string): Platform => ({
  ...resolved(fileOf(`${name}.yaml`)),
  hypervisorBytes: 8 * 2 ** 20,
  numa: opteron.numa!,
});

const SMALL = { nodeMemory: 128, threadMemory: 1, passes: 10, guestMemory: 32, memory: 16, writeShare: 0, guests: 3 };

const run = (
  platform: Platform,
  workload: string,
  {
    control,
    guest = control,
    ...given
  }: { control: ModelId; guest?: ModelId; nodes?: number; writeShare?: number; heap?: number },
): LabRecord => {
  const role = (model: ModelId): { model: ModelId; options: ModelOptions } => ({ model, options: {} });
  const { lab, record } = createLab({
    platform,
    roles: { control: role(control), driver: role(guest), guest: role(guest) },
    seed: 'nodes',
    recorded: () => {
      throw new Error('none here');
    },
  });
  const found = BUILT_IN_WORKLOADS.find(({ id }) => id === workload)!;
  const all: Readonly<Record<string, number>> = { nodes: 4, ...SMALL, ...given };
  const parameters = Object.entries(found.parameters).map(([name, { default: usual }]) => [name, all[name] ?? usual]);
  void found.run(lab, Object.fromEntries(parameters) as Record<string, number>);
  for (const host of record.simulation.hosts) expect(audit(host)).toEqual([]);
  return record;
};

const metric = (record: LabRecord, name: string): number => record.metrics.get(name)!;
const ia64 = withNodes('ia64-2006');
/** One in a guest and one in the control domain; the others differ from them in nothing that a platform has a part in. */
const CHOSEN = ['numa/first-touch', 'numa/rebalance-by-hypervisor'];
/** A local read: 64 B at 1.64 GB/s. */
const LOCAL = 64 / 1.64;

describe('placement', () => {
  it.each([2, 4, 8])(
    'at first touch on %i nodes every access is near and takes what one thread alone does',
    (nodes) => {
      const record = run(ia64, 'numa/first-touch', { control: 'insert', nodes });
      expect(metric(record, 'localShare')).toBe(100);
      expect(metric(record, 'accessTime')).toBeCloseTo(LOCAL, 5);
      expect(metric(record, 'bandwidth')).toBeCloseTo(nodes * 1.64, 5);
      expect(metric(record, 'runTime')).toBeCloseTo((2 ** 20 / 64) * 10 * LOCAL * 1e-9, 9);
    },
  );

  it.each([2, 4, 8])('interleaved over %i nodes, and blind to them, one access in so many is near', (nodes) => {
    for (const workload of ['numa/interleaved', 'numa/blind']) {
      const record = run(ia64, workload, { control: 'insert', nodes });
      expect(metric(record, 'localShare')).toBeCloseTo(100 / nodes, 0);
      expect(metric(record, 'accessTime')).toBeGreaterThan(1.04 * LOCAL);
    }
  });

  it('in a control domain is near where it sees the nodes, under P==M, and blind under P2M and VP', () => {
    const share = (control: ModelId): number => metric(run(ia64, 'numa/control-domain', { control }), 'localShare');
    expect(share('direct')).toBe(100);
    expect([share('p2m'), share('insert')].map((each) => Math.abs(each - 25) < 5)).toEqual([true, true]);
  });

  it('of guests: near their memory none is slower than with memory of all nodes', () => {
    const time = (place: string): number =>
      metric(run(ia64, `numa/guests-${place}`, { control: 'insert' }), 'accessTime');
    expect(time('aware')).toBeCloseTo(LOCAL, 5);
    expect(time('blind')).toBeGreaterThan(1.08 * LOCAL);
  });

  it('of guests: from where their first processor is, all are on the last node, and slower than with memory of all nodes', () => {
    const [together, spread] = [1, 0].map((heap) => run(ia64, 'numa/guests-blind', { control: 'insert', heap }));
    expect(metric(together, 'localShare')).toBe(0);
    expect(metric(together, 'accessTime')).toBeGreaterThan(metric(spread, 'accessTime'));
  });
});

describe('rebalancing', () => {
  const near = { localShare: 100, leftBehind: 0, migrationTraffic: 4 };

  it('by the hypervisor is impossible under P==M, stops a P2M domain, and goes behind the back of a VP domain', () => {
    const direct = run(ia64, 'numa/rebalance-by-hypervisor', { control: 'direct' });
    expect(Object.fromEntries(direct.metrics)).toMatchObject({ localShare: 0, migrationTraffic: 0, leftBehind: 4 });
    expect(direct.findings.map(({ rule }) => rule)).toEqual(['address-is-frame']);
    for (const control of ['p2m', 'insert'] as const) {
      const record = run(ia64, 'numa/rebalance-by-hypervisor', { control });
      expect(Object.fromEntries(record.metrics)).toMatchObject(near);
      expect(metric(record, 'runTime')).toBeLessThan(metric(record, 'before'));
      const stops = record.simulation.ledger.entries().filter(({ event }) => event === 'suspend');
      expect(stops.length > 0).toBe(control === 'p2m');
    }
  });

  it('by the guest needs to see nodes: by itself under P==M, by a virtual topology under the others', () => {
    for (const control of ['direct', 'p2m', 'insert'] as const) {
      const record = run(ia64, 'numa/rebalance-by-guest', { control });
      expect(Object.fromEntries(record.metrics)).toMatchObject(near);
      expect(record.findings).toEqual([]);
    }
  });
});

it('a driver domain waits longer for a packet whose ring and buffers are far', () => {
  const record = run(ia64, 'numa/driver-domain', { control: 'insert' });
  expect(metric(record, 'near')).toBeLessThan(metric(record, 'far'));
});

const PAIRS = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml') && !name.startsWith('arm64'))
  .flatMap((name) => {
    const { models } = fileOf(name);
    return MODELS.filter((id) => models[id]?.control !== undefined).map(
      (control): readonly [string, ModelId, ModelId] => [
        name.replace('.yaml', ''),
        control,
        MODELS.find((id) => models[id]?.guest === 'exists')!,
      ],
    );
  });

describe.each(PAIRS)('on %s, control domain %s, guest %s', (platform, control, guest) => {
  it.each(CHOSEN)('%s runs and states all of its metrics', (workload) => {
    const { metrics } = BUILT_IN_WORKLOADS.find(({ id }) => id === workload)!;
    const record = run(withNodes(platform), workload, { control, guest, nodes: 2, writeShare: 50 });
    expect([...record.metrics.keys()].toSorted()).toEqual(Object.keys(metrics).toSorted());
  });
});

it('a platform whose memory is on one node says so, and nothing is stated', () => {
  const record = run(resolved(fileOf('ppc64-2006.yaml')), 'numa/blind', { control: 'insert' });
  expect(record.metrics.size).toBe(0);
  expect(record.findings).toMatchObject([{ operation: 'build', rule: 'platform-has-nodes' }]);
});
