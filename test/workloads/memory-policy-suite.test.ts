import { describe, expect, it } from 'vitest';
import { audit } from '../../engine/index.js';
import { BUILT_IN_WORKLOADS } from '../../workloads/built-in.js';
import type { LabRecord } from '../../workloads/lab.js';
import { CONTROL_DOMAINS, type PlatformCase, labOf, parametersOf } from './platform-cases.js';

/** MiB of p2m that the hypervisor keeps for two guests of 512 pages: a page of entries and two above it, of 16 KiB each. */
const P2M_TABLES = (2 * 3 * 16) / 1024;

const SMALL = {
  memory: 192,
  control: 24,
  reserve: 24,
  guests: 2,
  guestMemory: 8,
  requests: 20,
  pages: 4,
  nodes: 2,
  threadMemory: 1,
  passes: 10,
};
const HYPERVISOR = 0;
const CONTROL = 1;

const caseOf = (title: string): PlatformCase => CONTROL_DOMAINS.find((each) => each.title === title)!;
const ia64 = (control: string): PlatformCase => caseOf(`ia64-2006: control ${control}, guest insert`);
const altix = (control: string): PlatformCase => caseOf(`altix-2006: control ${control}, guest insert`);

const run = (pair: PlatformCase, name: string, own: Readonly<Record<string, number>>): LabRecord => {
  const workload = BUILT_IN_WORKLOADS.find(({ id }) => id === `memory-policy/${name}`)!;
  const { lab, record } = labOf(pair);
  void workload.run(lab, parametersOf(workload, { ...SMALL, ...own }));
  for (const host of record.simulation.hosts) expect(audit(host)).toEqual([]);
  if (record.findings.every(({ rule }) => rule === 'owner-answers'))
    expect([...record.metrics.keys()].toSorted()).toEqual(Object.keys(workload.metrics).toSorted());
  return record;
};

const metric = (record: LabRecord, name: string): number => record.metrics.get(name)!;

/** P==M on Arm keeps what it balloons out, so that such a domain0 has nothing to hand out. */
const KEEPING = CONTROL_DOMAINS.filter(({ title }) => title.startsWith('arm64-2026: control direct'));
const HANDING_OUT = CONTROL_DOMAINS.filter((each) => !KEEPING.includes(each));

describe('every memory model, of domain0 and of guests, on every platform', () => {
  it.each(KEEPING)('$title: a domain0 that keeps what it balloons out can build no guest', (pair) => {
    const record = run(pair, 'enforcement', { owner: CONTROL, memory: 144, control: 8, guestMemory: 4 });
    const rules = record.findings.map(({ rule }) => rule);
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(['banks-free', 'heap-has-room', 'pool-has-room']).toContain(rule);
    expect([...record.metrics.keys()]).toEqual([]);
  });

  it.each(HANDING_OUT)('$title: nothing that a guest has can be given away or taken back', (pair) => {
    const record = run(pair, 'enforcement', { owner: CONTROL, memory: 144, control: 8, guestMemory: 4 });
    expect(record.findings).toEqual([]);
    expect([metric(record, 'handedOn'), metric(record, 'takenBack')]).toEqual([0, 0]);
  });
});

describe('who owns memory', () => {
  it.each(['direct', 'p2m', 'insert'])(
    'domain0 under %s gets back all that destroyed guests had, once the reserve has again what the p2m of the others took',
    (control) => {
      for (const owner of [HYPERVISOR, CONTROL]) {
        const record = run(ia64(control), 'build', { owner, guests: 4 });
        expect(record.findings).toEqual([]);
        // Two of the four go, of 8 MiB each.
        const short = owner === CONTROL ? P2M_TABLES / (2 * SMALL.guestMemory) : 0;
        expect(metric(record, 'returned')).toBeCloseTo(100 * (1 - short), 9);
      }
    },
  );

  it('what can be handed out is all but the hypervisor, domain0 and the guests, and less the reserve where domain0 owns it', () => {
    const spare = (owner: number): number => metric(run(ia64('direct'), 'build', { owner }), 'spare');
    const { memory, control, reserve, guests, guestMemory } = SMALL;
    expect(spare(HYPERVISOR)).toBe(memory - 64 - control - guests * guestMemory - P2M_TABLES);
    // Its kernel's granule is 16 MiB: domain0 gets whole ones.
    const owned = Math.floor((memory - 64 - reserve) / 16) * 16;
    expect(spare(CONTROL)).toBe(owned - control - guests * guestMemory);
  });

  it('a guest costs domain0 the giving of each page, a scrub and its lists, and an operation for 512 of them, where domain0 owns memory', () => {
    const record = run(ia64('direct'), 'build', { owner: CONTROL });
    const free = metric(run(ia64('direct'), 'build', { owner: HYPERVISOR }), 'buildTime');
    const { costs, pageBytes } = record.simulation.platform;
    const pages = (SMALL.guestMemory * 2 ** 20) / pageBytes;
    const given = pages * (costs.pageScrub! + costs.pageAllocate!) + Math.ceil(pages / 512) * costs.memoryOperation!;
    expect(metric(record, 'buildTime') - free).toBeCloseTo(given / 1e6, 6);
  });
});

describe('a domain0 that is slow or silent', () => {
  it('an idle one answers in what the guest, the crossing and itself are charged; a busy one keeps guests waiting', () => {
    const latency = (busy: number, owner: number): number =>
      metric(run(ia64('direct'), 'requests', { owner, busy, rate: 1 }), 'latency');
    const idle = run(ia64('direct'), 'requests', { owner: CONTROL, busy: 0, rate: 1 });
    expect(metric(idle, 'latency')).toBeCloseTo(metric(idle, 'cpu'), 6);
    expect(latency(90, CONTROL)).toBeGreaterThan(10 * metric(idle, 'latency'));
    expect(latency(90, HYPERVISOR)).toBe(latency(0, HYPERVISOR));
  });

  it('a request crosses twice: two events taken, one sent, and four entries of the ring', () => {
    const record = run(ia64('direct'), 'requests', { owner: CONTROL });
    const { upcall, notification, ringEntry } = record.simulation.platform.costs;
    expect(metric(record, 'crossing')).toBeCloseTo((2 * upcall! + notification! + 4 * ringEntry!) / 1e3, 6);
    expect(metric(run(ia64('direct'), 'requests', { owner: HYPERVISOR }), 'crossing')).toBe(0);
  });

  it('one that hangs strands what it owns and answers nobody; nobody notices where the hypervisor owns memory', () => {
    const hung = run(ia64('insert'), 'silent', { owner: CONTROL });
    const before = metric(run(ia64('insert'), 'build', { owner: CONTROL }), 'spare');
    expect(Object.fromEntries(hung.metrics)).toMatchObject({
      answered: 0,
      // Domain0 has made up for what the guests' p2m took of the reserve.
      stranded: before - P2M_TABLES,
      harmed: 0,
    });
    // Ten requests of four pages that were given back and not got again.
    expect(metric(hung, 'lost')).toBe((10 * 4 * 16) / 1024);
    expect(hung.findings.map(({ rule }) => rule)).toEqual(['owner-answers']);
    const well = run(ia64('insert'), 'silent', { owner: HYPERVISOR });
    expect(Object.fromEntries(well.metrics)).toEqual({ answered: 100, lost: 0, stranded: 0, harmed: 0 });
  });
});

it('a domain0 places guests near where it sees the nodes, under P==M; the hypervisor does under every model', () => {
  const share = (control: string, owner: number): number =>
    metric(run(altix(control), 'placement', { owner, memory: 256, guestMemory: 4 }), 'localShare');
  for (const control of ['direct', 'p2m', 'insert']) expect(share(control, HYPERVISOR)).toBe(100);
  expect(['direct', 'p2m', 'insert'].map((control) => share(control, CONTROL))).toEqual([100, 50, 50]);
});
