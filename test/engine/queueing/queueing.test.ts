import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../engine/host/random.js';
import {
  busiestStage,
  checkQueueLaws,
  percentile,
  throughput,
  utilisation,
} from '../../../engine/queueing/queue-laws.js';
import type { QueueNetwork, QueueStage } from '../../../engine/queueing/queue-network.js';
import { simulateQueues } from '../../../engine/queueing/simulate-queues.js';

const fixed = (ns: number, own: Partial<QueueStage> = {}): QueueStage => ({
  name: 'stage',
  servers: 1,
  batch: 1,
  serve: (jobs) => ns * jobs.length,
  ...own,
});

const poisson = (meanNs: number, seed: string): (() => number) => {
  const stream = randomStream(seed, 'arrivals');
  return () => -Math.log((stream.uint32() + 1) / 2 ** 32) * meanNs;
};

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('one server with fixed service and Poisson arrivals (M/D/1)', () => {
  it.each([0.3, 0.5, 0.7, 0.8])(
    'waits, at a load of %d, as long as Pollaczek and Khinchine say, within 2 %',
    (load) => {
      const serviceNs = 1000;
      const run = simulateQueues({
        stages: [fixed(serviceNs)],
        routes: [[0]],
        arrivals: { kind: 'open', gapNs: poisson(serviceNs / load, 'm/d/1') },
        jobs: 400_000,
      });
      expect(checkQueueLaws(run)).toEqual([]);
      const expected = serviceNs * (1 + load / (2 * (1 - load)));
      expect(Math.abs(mean(run.latenciesNs) / expected - 1)).toBeLessThan(0.02);
      expect(Math.abs(utilisation(run, 0) / load - 1)).toBeLessThan(0.01);
    },
  );
});

describe('a closed network', () => {
  it('of two stages has the throughput of the slower one, which is the busiest, and round trips by the window', () => {
    const run = simulateQueues({
      stages: [fixed(300), fixed(1000)],
      routes: [[0, 1]],
      arrivals: { kind: 'closed', window: 8 },
      jobs: 5000,
    });
    expect(throughput(run, 100)).toBeCloseTo(1e6, 3);
    expect(busiestStage(run)).toBe(1);
    // Eight under way, one done each microsecond: eight microseconds from end to end.
    expect(percentile(run.latenciesNs, 0.5)).toBeCloseTo(8000, 6);
    expect(checkQueueLaws(run)).toEqual([]);
  });

  it('with one job under way takes the sum of all services: nothing ever waits', () => {
    const run = simulateQueues({
      stages: [fixed(300), fixed(1000, { servers: 3 })],
      routes: [[0, 1, 0]],
      arrivals: { kind: 'closed', window: 1 },
      jobs: 100,
    });
    expect([...run.latenciesNs]).toEqual(Array(100).fill(1600));
  });

  it('a stage with more servers has that much more throughput', () => {
    const run = simulateQueues({
      stages: [fixed(1000, { servers: 4 })],
      routes: [[0]],
      arrivals: { kind: 'closed', window: 16 },
      jobs: 4000,
    });
    expect(throughput(run, 16)).toBeCloseTo(4e6, 3);
  });
});

describe('interrupt moderation', () => {
  const gapNs = (): number => 100;
  const stages = (jobs: number, delayNs: number): QueueStage[] => [
    fixed(1, { batch: 64, moderation: { jobs, delayNs }, serve: () => 1 }),
  ];

  it('tells of jobs by the number, where they come fast: as many batches as jobs divided by it', () => {
    const arrivals = { kind: 'open', gapNs } as const;
    const run = simulateQueues({ stages: stages(10, 1e6), routes: [[0]], arrivals, jobs: 1000 });
    expect(run.stages[0].batches).toBe(100);
    expect(percentile(run.latenciesNs, 1)).toBe(901);
  });

  it('tells of a job by the delay, where they come slowly: no job waits for longer', () => {
    const arrivals = { kind: 'open', gapNs } as const;
    const run = simulateQueues({ stages: stages(10, 50), routes: [[0]], arrivals, jobs: 100 });
    expect(run.stages[0].batches).toBe(100);
    expect(new Set(run.latenciesNs)).toEqual(new Set([51]));
  });
});

it("Little's law and the utilisation law hold at every stage, whatever the network, and nothing is lost", () => {
  const stage = fc.record({
    ns: fc.integer({ min: 0, max: 50 }),
    servers: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 1, max: 5 }),
    held: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 8 }),
      (made, sources, window) => {
        const network: QueueNetwork = {
          stages: made.map(({ ns, servers, batch, held }) =>
            fixed(ns, { servers, batch, moderation: { jobs: held, delayNs: 7 } }),
          ),
          routes: Array.from({ length: sources }, (_, source) =>
            made.map((_, index) => (index + source) % made.length),
          ),
          arrivals: window === 0 ? { kind: 'open', gapNs: poisson(20, 'any') } : { kind: 'closed', window },
          jobs: 200,
        };
        const run = simulateQueues(network);
        expect(checkQueueLaws(run)).toEqual([]);
        expect(run.stages.map(({ served }) => served)).toEqual(made.map(() => 200));
      },
    ),
    { seed: 5, numRuns: 200 },
  );
});

it('a run that cannot be true is told so: time that nobody spent, and a server busier than the clock', () => {
  const run = simulateQueues({ stages: [fixed(10)], routes: [[0]], arrivals: { kind: 'closed', window: 2 }, jobs: 10 });
  const [stage] = run.stages;
  expect(checkQueueLaws({ ...run, stages: [{ ...stage, presentNs: stage.presentNs * 1.01 }] }).join()).toContain(
    'Little',
  );
  expect(checkQueueLaws({ ...run, stages: [{ ...stage, busyNs: stage.busyNs * 0.9 }] }).join()).toContain(
    'utilisation',
  );
  expect(checkQueueLaws({ ...run, elapsedNs: 50 }).join()).toContain('longer than there was time');
  expect(checkQueueLaws({ ...run, jobs: 9 }).join()).toContain('10 jobs came and 9 ended');
});
