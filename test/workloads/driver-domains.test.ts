import { describe, expect, it } from 'vitest';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import type { Workload } from '../../workloads/workload.js';
import { DRIVER_DOMAINS, labOf, parametersOf } from './platform-cases.js';

const SUITE = BUILT_IN_WORKLOADS.filter(({ id }) => id.startsWith('driver-domains/'));
const SMALL = { packets: 40, guests: 2, guestMemory: 4, driverMemory: 4, memory: 4, window: 8, batch: 8 };

const workload = (name: string): Workload => SUITE.find(({ id }) => id === `driver-domains/${name}`)!;

const alternative = (title: string) => DRIVER_DOMAINS.find((each) => each.title === title)!;

const measured = (
  name: string,
  own: Readonly<Record<string, number>>,
  title = 'x86-64-2026: driver p2m, guest p2m',
  conditions: Readonly<Record<string, string>> = {},
) => {
  const { lab, record } = labOf(alternative(title), conditions);
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

  const stations = (
    own: Readonly<Record<string, number>>,
    title?: string,
    conditions?: Readonly<Record<string, string>>,
  ) =>
    measured('firewall-chain', { bytes: 1500, ...own }, title, conditions).record.chain.map(
      ({ name, mapped, copiedIn, copiedOn, handedOn, refusedBy }) => [
        name,
        mapped,
        Math.round(copiedIn),
        Math.round(copiedOn),
        handedOn,
        refusedBy,
      ],
    );

  it('its record says at each station what was mapped, copied and handed on a packet, and by which rule it could not be', () => {
    expect(stations({ hops: 2, handOn: 1 })).toEqual([
      ['guest', 0, 0, 0, 0, null],
      ['firewall 2', 1, 0, 1500, 0, 'own-memory'],
      ['firewall 1', 1, 0, 1500, 0, 'own-memory'],
      ['driver', 1, 0, 0, 0, null],
      ['device', 0, 0, 0, 0, null],
    ]);
    // Headers are copied where the grant is passed on, all of it where it ends.
    expect(stations({ hops: 1, handOn: 2 })).toEqual([
      ['guest', 0, 0, 0, 0, null],
      ['firewall 1', 0, 128, 0, 1, null],
      ['driver', 0, 1500, 0, 0, null],
      ['device', 0, 0, 0, 0, null],
    ]);
    expect(stations({ hops: 1, handOn: 0 }).map(([, mapped, copied]) => [mapped, copied])).toEqual([
      [0, 0],
      [0, 1500],
      [0, 1500],
      [0, 0],
    ]);
  });

  it('its record names the one station that was refused, and ends where no connection could be made', () => {
    const refused = stations({ hops: 2, handOn: 2 }).map(([name, , , , , rule]) => [name, rule]);
    expect(refused.filter(([, rule]) => rule !== null)).toEqual([['firewall 1', 'copy-only']]);
    const early = stations({ hops: 1, handOn: 1 }, 'ia64-2006: driver direct, guest p2m', { grantOperations: 'stubs' });
    expect(early.map(([name, , , , , rule]) => [name, rule])).toEqual([
      ['firewall 1', 'grant-map'],
      ['driver', null],
      ['device', null],
    ]);
  });
});

describe('a driver that crashes under load', () => {
  it.each(DRIVER_DOMAINS.filter(({ file }) => file.id === 'x86-64-2026' || file.id === 'arm64-2026'))(
    'in a driver domain leaves what it had not served, all of which goes through when it is sent again; $title',
    (under) => {
      const { metric } = measured('crash', { underWay: 8, served: 5 }, under.title);
      // Two guests with eight of one page each, and five pages served.
      expect(metric('unanswered')).toBe(2 * 8 - 5);
      expect([metric('lost'), metric('guestsLost')]).toEqual([0, 0]);
      const pages = (SMALL.driverMemory * 2 ** 20) / 4096;
      expect(metric('scrubbed')).toBeGreaterThan(pages * 0.9);
      expect(metric('keptFrames')).toBe(under.roles.driver.model === 'direct' ? pages : 0);
      expect(metric('outage')).toBeGreaterThan(9);
    },
  );

  it('its time line has the steps end to end over the whole outage, no memory while it is down, and no request left', () => {
    const { metric, record } = measured('crash', { underWay: 8, served: 5 });
    const { times, values } = record.series.get('steps')!;
    expect(times!.starts).toEqual([0, ...times!.ends.slice(0, -1)]);
    expect(times!.ends.at(-1)).toBe(metric('outage'));
    expect(values).toEqual([0, 100, 100, 0, 100]);
    expect(record.series.get('withoutService')!.values).toEqual([metric('outage')]);
    expect(record.series.get('unanswered')!.values).toEqual([11, 11, 11, 0]);
    const [whole, down, ...again] = record.series.get('frames')!.values;
    expect([down, ...again]).toEqual([0, whole, whole]);
    const same = measured('crash', { underWay: 8, served: 5 }, 'arm64-2026: driver direct, guest nested');
    expect(new Set(same.record.series.get('frames')!.values).size).toBe(1);
  });

  it('in a network loses what was not answered, and in domain0 takes all guests with it', () => {
    const network = measured('crash', { underWay: 8, served: 5, disk: 0 });
    expect(network.metric('lost')).toBe(11);
    const whole = measured('crash', { driverDomain: 0, underWay: 8, served: 5 });
    expect(whole.metric('guestsLost')).toBe(2);
    expect(whole.record.findings.map(({ rule }) => rule)).toEqual(['host-goes-with-it']);
    expect(whole.metric('outage')).toBeGreaterThan(network.metric('outage'));
  });
});

describe('what a device reaches', () => {
  const others = (guard: number): number => measured('reach', { guard }).metric('otherFrames');

  it('is all of memory without an IOMMU and with identity, and nothing that was not granted with own frames only', () => {
    expect([others(3), others(4)]).toEqual([0, 0]);
    expect(others(1)).toBeGreaterThan(0);
    expect(others(6)).toBe(others(1));
    expect(measured('reach', { guard: 1 }).metric('reachable')).toBe(100);
  });

  it('is the same by its nested tables as by a table of its own, and P2M has no such tables', () => {
    const nested = 'x86-64-2026: driver nested, guest nested';
    const [own, shared] = [3, 7].map((guard) => measured('reach', { guard }, nested));
    expect([shared.metric('otherFrames'), shared.record.findings]).toEqual([0, []]);
    expect(shared.metric('grantedFrames')).toBe(own.metric('grantedFrames'));
    const p2m = measured('reach', { guard: 7 }, 'x86-64-2026: driver p2m, guest p2m');
    expect(p2m.record.findings.map(({ rule }) => rule)).toEqual(['second-stage']);
  });

  it('follows what the alternative says of the IOMMU, and an IOMMU that is not there is a finding', () => {
    const chosen = workload('reach');
    const { lab, record } = labOf(alternative('x86-64-2026: driver p2m, guest p2m'), { iommu: 'none' });
    void chosen.run(lab, parametersOf(chosen, SMALL));
    expect(record.metrics.get('reachable')).toBe(100);
    const asked = labOf(alternative('x86-64-2026: driver p2m, guest p2m'), { iommu: 'none' });
    void chosen.run(asked.lab, parametersOf(chosen, { ...SMALL, guard: 3 }));
    expect(asked.record.findings.map(({ rule }) => rule)).toEqual(['iommu-there']);
  });
});

describe('a driver domain whose frames are its addresses', () => {
  const direct = 'arm64-2026: driver direct, guest nested';

  it('cannot be built from scattered memory, but from a partition or what was set aside; others can', () => {
    expect(measured('fixed-frames', { way: 0 }, direct).metric('builds')).toBe(0);
    const partition = measured('fixed-frames', { way: 1 }, direct);
    expect([partition.metric('builds'), partition.metric('second')]).toEqual([1, 0]);
    const aside = measured('fixed-frames', { way: 2 }, direct);
    expect([aside.metric('builds'), aside.metric('second'), aside.metric('setAside')]).toEqual([1, 0, SMALL.memory]);
    const nested = measured('fixed-frames', { way: 0 }, 'arm64-2026: driver nested, guest nested');
    expect([nested.metric('builds'), nested.metric('second'), nested.metric('setAside')]).toEqual([1, 1, 0]);
  });

  it('keeps frames that its kernel is in from going out of use; where the hypervisor translates, all of them go', () => {
    const { metric, record } = measured('fixed-frames', { way: 1 }, 'ia64-2006: driver direct, guest insert');
    // A quarter of its memory, and as many of the frames that are taken.
    expect(metric('vacates')).toBeGreaterThan(0.5);
    expect(metric('vacates')).toBeLessThan(0.95);
    expect(record.findings.map(({ operation }) => operation)).toContain('offline page');
    expect(measured('fixed-frames', {}, 'arm64-2026: driver nested, guest nested').metric('vacates')).toBe(1);
    // On Arm what it gives up stays its own.
    const kept = measured('fixed-frames', { way: 1 }, direct);
    expect(kept.metric('vacates')).toBe(0);
    expect(kept.record.findings.map(({ rule }) => rule)).toContain('frames-released');
  });
});

it('two driver domains with a device each move nearly twice of what one does whose processor is busy', () => {
  const [one, two] = [1, 2].map((domains) => measured('partition', { domains, guests: 4, packets: 400 }));
  expect(one.metric('driverBusy')).toBeGreaterThan(95);
  expect(two.metric('throughput') / one.metric('throughput')).toBeGreaterThan(1.8);
});
