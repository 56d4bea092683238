import { describe, expect, it } from 'vitest';
import { type Domain, Event, type EventName, Mechanism } from '../../../engine/index.js';
import { type InterruptSource, Interrupts } from '../../../engine/domain/interrupts.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { balloonOut } from '../../../engine/linux/balloon.js';
import { exitMm } from '../../../engine/linux/exit.js';
import { forkMm } from '../../../engine/linux/fork.js';
import { mapArea } from '../../../engine/linux/mmap.js';
import { MulticallQueue } from '../../../engine/linux/multicall-queue.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { mapGrants, unmapGrants } from '../../../engine/grants/map-grants.js';
import { XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import { ok, pairOf } from '../grants/support.js';
import { type Machine, linuxOn } from './support.js';

const OPERATION_NS = 100;

const every = (periodNs: number, reaches: InterruptSource['reaches'] = 'guest'): InterruptSource => ({
  periodNs,
  firstNs: periodNs,
  reaches,
});

const interruptedBy = (domain: Domain, ...sources: readonly InterruptSource[]): void => {
  domain.interrupts = new Interrupts(domain, sources);
};

/** Makes `times` multicalls of so many calls, each of which takes `OPERATION_NS`. */
const makeMulticalls = ({ domain }: Machine, times: number, calls: number): void => {
  const queue = new MulticallQueue(domain);
  for (let count = 0; count < times; count += 1) {
    for (let call = 0; call < calls; call += 1) {
      queue.add('update_va_mapping', () => domain.account.charge(Mechanism.pageTables, Event.vaMappingUpdate));
    }
    queue.flush();
  }
};

const smallMachine = (): Machine => {
  const machine = linuxOn('p2m', 100, { vaMappingUpdate: OPERATION_NS });
  machine.counts();
  return machine;
};

describe('a multicall that an interrupt falls into', () => {
  it.each([
    [20, 977],
    [2, 1009],
    [32, 40_009],
  ])('goes in again but for one that falls into the last of its %i calls: every %i ns', (calls, periodNs) => {
    const machine = smallMachine();
    interruptedBy(machine.domain, every(periodNs));
    const times = 1000;
    makeMulticalls(machine, times, calls);
    // Each tick by itself: no two fall into one call, since a period is longer than a call.
    const lengthNs = calls * OPERATION_NS;
    const again = new Set<string>();
    for (let tickNs = periodNs; tickNs <= times * lengthNs; tickNs += periodNs) {
      const call = Math.ceil((tickNs % lengthNs) / OPERATION_NS);
      if (call > 0 && call < calls) again.add(`${Math.floor(tickNs / lengthNs)}/${call}`);
    }
    const counts = machine.counts();
    expect(counts.multicall! - times).toBe(again.size);
    const expected = (times * (calls - 1) * OPERATION_NS) / periodNs;
    expect(Math.abs(again.size - expected)).toBeLessThan(Math.max(3, 0.1 * expected));
    expect(counts.vaMappingUpdate).toBe(times * calls);
  });

  it('does not go in again where there is no timer', () => {
    const machine = smallMachine();
    makeMulticalls(machine, 100, 32);
    expect(machine.counts()).toEqual(expect.objectContaining({ multicall: 100, vaMappingUpdate: 3200 }));
    interruptedBy(machine.domain);
    makeMulticalls(machine, 100, 32);
    const counts = machine.counts();
    expect([counts.multicall, counts.upcall ?? 0, counts.iretHypercall ?? 0]).toEqual([100, 0, 0]);
  });

  it('goes in again for an interrupt of the hypervisor too, of which the guest hears nothing', () => {
    const machine = smallMachine();
    interruptedBy(machine.domain, every(1050, 'hypervisor'));
    makeMulticalls(machine, 10, 20);
    const counts = machine.counts();
    expect(counts.multicall).toBeGreaterThan(10);
    expect([counts.upcall ?? 0, counts.iretHypercall ?? 0]).toEqual([0, 0]);
  });

  it('has the guest hear of its timer once, when it is done, however often the timer came meanwhile', () => {
    const machine = smallMachine();
    interruptedBy(machine.domain, every(250));
    makeMulticalls(machine, 1, 20);
    const { multicall, upcall, iretHypercall } = machine.counts();
    expect([multicall, upcall, iretHypercall]).toEqual([1 + 7, 1, 1]);
  });
});

describe('a timer of the guest', () => {
  it('is an upcall and a return from it a period, in work of the guest', () => {
    const machine = smallMachine();
    interruptedBy(machine.domain, every(1000));
    for (let count = 0; count < 500; count += 1) machine.domain.interrupts!.work(333);
    const { upcall, iretHypercall } = machine.counts();
    expect([upcall, iretHypercall]).toEqual([166, 166]);
  });

  it('is no hypercall where the kernel has kept its ring', () => {
    const machine = linuxOn('nested', 100);
    machine.counts();
    interruptedBy(machine.domain, every(1000));
    machine.domain.interrupts!.work(10_500);
    const counts = machine.counts();
    expect([counts.upcall, counts.iretHypercall ?? 0]).toEqual([10, 0]);
  });

  it.each([0, -1, Number.NaN])('is refused a period of %d ns', (periodNs) => {
    const { domain } = smallMachine();
    expect(() => new Interrupts(domain, [every(periodNs)])).toThrow(RangeError);
  });
});

const COSTS = { pagePin: 5000, pageUpdate: 300, vaMappingUpdate: 300, mmuextOperation: 300, pageAllocate: 200 };
/** Counts that go by how often a hypercall was left, and by ticks. */
const ENTRIES: ReadonlySet<string> = new Set<EventName>([
  'multicall',
  'hypercall',
  'memoryOperation',
  'upcall',
  'iretHypercall',
]);

/** Forks, exits and a balloon: what was counted, and what is in the tables. */
const lifeOf = (source: InterruptSource | null): object => {
  const machine = linuxOn('p2m', 3000, COSTS);
  const { kernel, domain } = machine;
  if (source !== null) interruptedBy(domain, source);
  const mm = kernel.newMm();
  kernel.ops.entered(mm);
  kernel.ops.activate(mm);
  for (const firstPage of [0x100, 512 * 600])
    mapArea(kernel, mm, { firstPage, pages: 700, writable: true, file: null });
  for (let page = 0; page < 700; page += 1) touchPage(kernel, mm, 0x100 + page, true);
  for (let fork = 0; fork < 5; fork += 1) {
    const child = forkMm(kernel, mm);
    kernel.ops.activate(child);
    for (let page = 0; page < 20; page += 1) touchPage(kernel, child, 0x100 + 37 * page, true);
    kernel.ops.activate(mm);
    exitMm(kernel, child);
  }
  balloonOut(kernel, 600);
  const all = machine.counts();
  const counts = Object.fromEntries(Object.entries(all).filter(([event]) => !ENTRIES.has(event)));
  expect([...machine.violations(), ...auditLinux(kernel)]).toEqual([]);
  const tables = [...kernel.mms].map(({ root }) => [...kernel.tables.get(root)!]);
  return { counts, tables, free: domain.free.copy(), entries: [all.multicall, all.memoryOperation] };
};

it('interrupts change how often hypercalls go in and nothing else: operations, tables and free frames are the same', () => {
  const quiet = lifeOf(null) as { entries: number[] };
  for (const periodNs of [900, 7001, 50_021]) {
    const noisy = lifeOf(every(periodNs)) as { entries: number[] };
    expect(noisy).toEqual({ ...quiet, entries: noisy.entries });
    noisy.entries.forEach((entries, index) => expect(entries).toBeGreaterThan(quiet.entries[index]));
  }
});

it("a pin is left between the hypervisor's looks at higher tables, not within the lowest or at the end of the root", () => {
  // A program of one area: its root pinned over one L3 and one L2, its lowest table before that, its user root after it.
  const pinned = (firstNs: number): number => {
    const machine = linuxOn('p2m', 300, { pagePin: 1000 });
    const { kernel, domain } = machine;
    const mm = kernel.newMm();
    mapArea(kernel, mm, { firstPage: 0x100, pages: 8, writable: true, file: null });
    kernel.placeFor(mm, 0x100);
    machine.counts();
    interruptedBy(domain, { periodNs: 1e9, firstNs, reaches: 'hypervisor' });
    kernel.ops.entered(mm);
    return machine.counts().multicall! - 1;
  };
  // In order: the lowest table; L2, L3 and root by the first pin; the user root alone by the second, which is the last call.
  expect([500, 1500, 2500, 3500, 4500].map(pinned)).toEqual([1, 1, 1, 1, 0]);
});

it('a batch of the balloon is left between two frames', () => {
  const machine = linuxOn('p2m', 6000, { pageAllocate: 100 });
  interruptedBy(machine.domain, every(2503));
  machine.counts();
  expect(balloonOut(machine.kernel, 1024)).toBeNull();
  const { memoryOperation, pageAllocate } = machine.counts();
  expect(pageAllocate).toBe(1024);
  expect(memoryOperation).toBe(2 + Math.floor((1024 * 100) / 2503));
});

it('a map of grants is left between two of them, an unmap after as many as it flushes for', () => {
  const rules = { ...XEN_4_17_X86_PV, flushEvery: 8 };
  const costs = { grantPin: 100, grantUnpin: 100 };
  const { granter, mapper, references } = pairOf('insert', 'insert', { rules, platform: { costs } });
  const requests = Array.from({ length: 32 }, () => {
    const reference = ok(references.grantAccess(mapper, granter.free.take()!, 'write'));
    return { granter, reference, writable: true };
  });
  interruptedBy(mapper, every(470));
  const mapped = mapGrants(mapper, requests).map(ok);
  // Ticks from 470 to 2820 ns; the last grant begins at 3100 ns.
  expect(mapper.account.count('grantOperation')).toBe(1 + 6);
  expect(unmapGrants(mapper, mapped).filter((refusal) => refusal !== null)).toEqual([]);
  // The hypervisor looks 8, 16 and 24 grants later, and each time some ticks have come.
  expect(mapper.account.count('grantOperation')).toBe(7 + 1 + 3);
  expect([mapper.account.count('grantPin'), mapper.account.count('grantUnpin')]).toEqual([32, 32]);
});
