import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import type { Workload } from '../../workloads/workload.js';
import { CONTROL_DOMAINS, DRIVER_DOMAINS, type PlatformCase, labOf, parametersOf } from './platform-cases.js';

const SUITE = BUILT_IN_WORKLOADS.filter(({ id }) => id.startsWith('driver-domains/'));
const SMALL = { packets: 20, guests: 2, guestMemory: 4, driverMemory: 4, memory: 4, window: 8, batch: 8 };

const runUnder = async (each: Workload, under: PlatformCase, own: Readonly<Record<string, number>>): Promise<void> => {
  const { lab, record } = labOf(under);
  await each.run(lab, parametersOf(each, { ...SMALL, ...own }));
  const missing = Object.keys(each.metrics).filter((name) => !record.metrics.has(name));
  if (record.findings.length === 0) expect(missing).toEqual([]);
  for (const value of record.metrics.values()) expect(value).toBeGreaterThanOrEqual(0);
  for (const [name, parts] of record.parts) {
    const sum = parts.reduce((total, { value }) => total + value, 0);
    expect(Math.abs(sum / record.metrics.get(name)! - 1)).toBeLessThan(1e-9);
    expect(new Set(parts.map(({ title }) => title)).size).toBe(parts.length);
  }
  expect(lab.drivers.check()).toEqual([]);
};

describe('every workload of the suite runs under every model of every platform, states all or says what was refused', () => {
  it.each(DRIVER_DOMAINS)('$title', async (under) => {
    for (const each of SUITE) await runUnder(each, under, {});
  });
  const onNodes = DRIVER_DOMAINS.filter(({ file }) => file.id === 'altix-2006' || file.id === 'opteron-2006');
  it.each(onNodes)('$title, partitioned on nodes', async (under) => {
    const partition = SUITE.find(({ id }) => id === 'driver-domains/partition')!;
    await runUnder(partition, under, { nodes: 2, nodeMemory: 128, driverPlace: 1, guestPlace: 2 });
  });
  it.each(CONTROL_DOMAINS)('$title, which has the device', async (under) => {
    await runUnder(
      SUITE.find(({ id }) => id === 'driver-domains/receive')!,
      under,
      { driverDomain: 0 },
    );
  });
});
