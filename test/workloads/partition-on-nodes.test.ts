import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import { DRIVER_DOMAINS, labOf, parametersOf } from './platform-cases.js';

const PARTITION = BUILT_IN_WORKLOADS.find(({ id }) => id === 'driver-domains/partition')!;
const SMALL = {
  packets: 100,
  guests: 4,
  guestMemory: 8,
  driverMemory: 8,
  window: 8,
  batch: 8,
  nodes: 4,
  nodeMemory: 128,
  domains: 4,
};
const [NEAR, FAR, BLIND] = [0, 1, 2];

const run = (title: string, own: Readonly<Record<string, number>>) => {
  const { lab, record } = labOf(DRIVER_DOMAINS.find((each) => each.title === title)!);
  void PARTITION.run(lab, parametersOf(PARTITION, { ...SMALL, ...own }));
  expect(lab.drivers.check()).toEqual([]);
  return {
    rules: record.findings.map(({ rule }) => rule),
    metric: (name: string): number => record.metrics.get(name) ?? NaN,
    parts: record.parts.get('cpuPerPacket') ?? [],
  };
};

const VP = 'altix-2006: driver insert, guest insert';
const P2M = 'opteron-2006: driver p2m, guest p2m';
const DIRECT = 'altix-2006: driver direct, guest insert';

describe('driver domains on the nodes of a large host', () => {
  it.each([VP, P2M])('%s: all near, only what others do to the memory is waited for', (title) => {
    const { metric } = run(title, { path: 2, load: 5 });
    expect(metric('localShare')).toBe(100);
    expect(metric('memoryWait')).toBeLessThan(0.03 * metric('cpuPerPacket'));
  });

  it.each([VP, P2M])(
    '%s: guests far away, the backend writes far and each side reads near: two lines of three',
    (title) => {
      const bytes = 4096;
      const [near, far] = [NEAR, FAR].map((guestPlace) => run(title, { path: 2, guestPlace, bytes }).metric);
      // Rings and their entries are the rest.
      expect(far('localShare')).toBeGreaterThan(64);
      expect(far('localShare')).toBeLessThan(68);
      expect(far('memoryWait')).toBeGreaterThan(near('memoryWait') + 100);
    },
  );

  it('a page flip brings the memory of the driver domain to a guest far away, which finds it far', () => {
    const { metric } = run(VP, { path: 3, guestPlace: FAR, bytes: 4096 });
    expect(metric('localShare')).toBeLessThan(10);
  });

  it('what is waited for is charged: it is a part of the cycles a packet, of that size', () => {
    const { metric, parts } = run(VP, { driverPlace: FAR });
    const wait = parts.find(({ title }) => title === 'wait for far or busy memory')!;
    expect(wait.value).toBeCloseTo(metric('memoryWait'), 9);
    expect(parts.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(metric('cpuPerPacket'), 6);
  });

  it('P==M driver domains have the lowest memory that is free, whatever node they are asked for on', () => {
    const near = run(DIRECT, { driverPlace: NEAR });
    expect(near.metric('localShare')).toBeLessThan(70);
    expect(run(DIRECT, { driverPlace: BLIND }).metric('localShare')).toBe(near.metric('localShare'));
  });

  it('blind domains have one line in four near', () => {
    const { metric } = run(VP, { driverPlace: BLIND, guestPlace: BLIND });
    expect(metric('localShare')).toBeGreaterThan(20);
    expect(metric('localShare')).toBeLessThan(30);
  });

  it('without nodes all is near and nothing waits, and a platform that has none says so', () => {
    for (const title of [VP, 'x86-64-2026: driver p2m, guest p2m']) {
      const { metric } = run(title, { nodes: 1, domains: 2, guests: 2 });
      expect([metric('localShare'), metric('memoryWait')]).toEqual([100, 0]);
    }
    expect(run('x86-64-2026: driver p2m, guest p2m', {}).rules).toEqual(['platform-has-nodes']);
  });
});
