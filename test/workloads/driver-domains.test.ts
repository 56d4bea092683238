import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import type { Workload } from '../../workloads/workload.js';
import { CONTROL_DOMAINS, DRIVER_DOMAINS, type PlatformCase, labOf, parametersOf } from './platform-cases.js';

const SUITE = BUILT_IN_WORKLOADS.filter(({ id }) => id.startsWith('driver-domains/'));
const SMALL = { packets: 40, guests: 2, guestMemory: 4, driverMemory: 4, memory: 4, window: 8, batch: 8 };

const workload = (name: string): Workload => SUITE.find(({ id }) => id === `driver-domains/${name}`)!;

const alternative = (title: string) => DRIVER_DOMAINS.find((each) => each.title === title)!;

const measured = (
  name: string,
  own: Readonly<Record<string, number>>,
  title = 'x86-64-2026: driver p2m, guest p2m',
) => {
  const { lab, record } = labOf(alternative(title));
  const chosen = workload(name);
  void chosen.run(lab, parametersOf(chosen, { ...SMALL, ...own }));
  expect(lab.drivers.check()).toEqual([]);
  const metric = (id: string): number => {
    const value = record.metrics.get(id);
    if (value === undefined) throw new Error(`no ${id}: ${record.findings.map(({ detail }) => detail).join()}`);
    return value;
  };
  return { metric, record };
};

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
  it.each(CONTROL_DOMAINS)('$title, which has the device', async (under) => {
    await runUnder(workload('receive'), under, { driverDomain: 0 });
  });
});

describe('what must hold of traffic whatever it costs', () => {
  it('CPU time a packet splits over the domains on the way, and no domain beyond its processor', () => {
    const { metric } = measured('firewall-chain', { hops: 2, handOn: 0 });
    expect(metric('driverCpu') + metric('guestCpu') + metric('betweenCpu')).toBeCloseTo(metric('cpuPerPacket'), 6);
    for (const busy of ['wireBusy', 'deviceBusy', 'driverBusy']) expect(metric(busy)).toBeLessThanOrEqual(100.0001);
  });

  it('a larger packet is copied in that proportion, and is a packet all the same', () => {
    const pageBytes = 4096;
    const [small, large] = [64, 65536].map((bytes) => measured('receive', { bytes, path: 1 }).metric('copies'));
    expect(small).toBeCloseTo(64 / pageBytes, 9);
    expect(large).toBeCloseTo(65536 / pageBytes, 9);
  });

  it('a flip moves a frame a packet and copies nothing; persistent grants map nothing once they are warm', () => {
    const flip = measured('receive', { path: 3 });
    expect([flip.metric('flips'), flip.metric('copies')]).toEqual([1, 0]);
    const persistent = measured('transmit', { path: 4, bytes: 4096 });
    expect([persistent.metric('maps'), persistent.metric('copies')]).toEqual([0, 1]);
  });

  it('more packets under way do not lower throughput, and the median is never above the 99th percentile', () => {
    const runs = [1, 4, 16].map((window) => measured('receive', { window, path: 1 }));
    const rates = runs.map(({ metric }) => metric('throughput'));
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    for (const { metric } of runs) expect(metric('latency')).toBeLessThanOrEqual(metric('latency99'));
  });

  it('interrupt moderation saves interrupts and costs latency at low load', () => {
    const [each, held] = [1, 8].map((interruptPackets) =>
      measured('receive', { interruptPackets, interruptDelay: 1000, path: 1, load: 5, window: 64, batch: 64 }),
    );
    expect(held.metric('latency')).toBeGreaterThan(each.metric('latency'));
  });
});

describe('a hybrid chain', () => {
  it('copies at every firewall what it had mapped, passes grants on through one, and is refused by the second', () => {
    const mapped = measured('firewall-chain', { hops: 3, handOn: 1, bytes: 4096 });
    expect(mapped.metric('forcedCopies')).toBeCloseTo(1, 9);
    const passed = measured('firewall-chain', { hops: 1, handOn: 2, bytes: 4096 });
    expect([passed.metric('forcedCopies'), passed.metric('handedOn')]).toEqual([0, 100]);
    const { record } = measured('firewall-chain', { hops: 2, handOn: 2, bytes: 4096 });
    expect(record.findings.map(({ rule }) => rule)).toEqual(['copy-only']);
  });
});
