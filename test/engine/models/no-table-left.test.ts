import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  type Mfn,
  PagingDisk,
  asPfn,
  audit,
  buildDomain,
  buildOnDemand,
  giveBank,
  isFinding,
  offlineFrame,
  pageOut,
  plugBank,
  relocatePages,
  sharePages,
} from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { exchangeContiguous } from '../../../engine/operations/exchange.js';
import { verifyContents } from '../../../engine/operations/verify-contents.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

/** Frames of the pool for tables of a guest of 128 pages in two large entries: root, two tables below, and none to break one. */
const POOL = 3;

const hostWith = (pool = POOL): Host => {
  const pagingPool = { pagesAVcpu: pool, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 };
  const host = hostOf(radixPlatformOf([[0, 1024]], { scheme: radixScheme(), pagingPool }));
  host.pagingDisk = new PagingDisk(host.simulation.arena, 8);
  return host;
};

const expectIntact = (...domains: readonly Domain[]): void => {
  expect(audit(domains[0].host)).toEqual([]);
  for (const domain of domains) expect(verifyContents(domain)).toMatchObject({ wrongFrames: [], wrongPages: [] });
};

describe('a nested guest whose pool has no frame to break a large entry with', () => {
  let host: Host;
  let guest: Domain;
  let free: number;

  beforeEach(() => {
    host = hostWith();
    guest = domainOn(host, 'guest', 'nested', 128);
    free = host.heap.freeFrames;
    guest.readKernel(asPfn(70));
  });

  const expectRefused = (finding: unknown, operation: string): void => {
    expect(finding).toMatchObject({ operation, model: 'nested', rule: 'pool-has-room' });
    expect(host.heap.freeFrames).toBe(free);
    expect(guest.model.secondStage!.table.count().leaves).toEqual([0, 2, 0, 0]);
    expectIntact(guest);
  };

  it('keeps its page where it is when another frame is asked for', () => {
    const payer = host.simulation.ledger.account('tool');
    const { moved, blocked } = relocatePages({ domain: guest, pfns: [asPfn(70), asPfn(71)], payer });
    expect([moved, blocked.length]).toEqual([0, 2]);
    expectRefused(blocked[0].finding, 'relocate');
  });

  it('leaves a bad frame in use and marked', () => {
    const mfn = guest.model.machineFrame(asPfn(70));
    const payer = host.simulation.ledger.account('tool');
    expectRefused(offlineFrame({ host, mfn, payer }), 'offline page');
    expect(host.frames.isLeaving(mfn)).toBe(true);
  });

  it('is refused a page on disk', () => {
    const pager = host.simulation.ledger.account('pager');
    expectRefused(pageOut({ domain: guest, pfns: [asPfn(70)], pager }), 'page out');
    expect(host.pagingDisk!.emptySlots).toBe(8);
  });

  it('is refused frames that follow each other', () => {
    // Two pages across the end of a large entry are not contiguous where the heap gave the two in another order.
    const apart = [62, 63, 64, 65].map((pfn) => guest.model.machineFrame(asPfn(pfn)));
    expect(apart[2]).not.toBe(apart[1] + 1);
    expectRefused(exchangeContiguous(guest, asPfn(62), 2, 64), 'exchange');
  });
});

describe('sharing where one of two nested guests has no table left', () => {
  it.each([0, 1])('is refused, also where the other guest’s entry could break (page %i first)', (order) => {
    const host = hostWith(POOL + 1);
    const [without, other] = ['without', 'other'].map((name) => domainOn(host, name, 'nested', 128));
    const spent = without.balloon.out() as number;
    const page = asPfn(spent < 64 ? 70 : 20);
    other.fillKernel(page, without.readKernel(page));
    const pages = [
      { domain: without, pfn: page },
      { domain: other, pfn: page },
    ];
    const payer = host.simulation.ledger.account('tool');
    const refused = sharePages({ first: pages[order], second: pages[1 - order], payer });
    expect(refused).toMatchObject({ operation: 'share', rule: 'pool-has-room' });
    expectIntact(without, other);
  });
});

describe('a guest that is populated on demand', () => {
  it('is not built where its kernel’s pages need more tables than its pool has', () => {
    const host = hostWith();
    const free = host.heap.freeFrames;
    const builder = host.simulation.ledger.account('builder');
    const spec = { name: 'on demand', model: 'nested', builder } as const;
    const refused = buildOnDemand(host, spec, { pages: 256, frames: 100 });
    expect(refused).toMatchObject({ operation: 'build', rule: 'room-for-kernel-tables' });
    expect(host.heap.freeFrames).toBe(free);
    expect(audit(host)).toEqual([]);
  });
});

describe('P==M behind a second stage, on a host with no frame for a table', () => {
  const armHost = (): Host => hostOf(radixPlatformOf([[0, 512]], { scheme: radixScheme({ identityStage: true }) }));
  const takeAllBut = (host: Host, left: number): Mfn[] => {
    const taken: Mfn[] = [];
    while (host.heap.freeFrames > left) taken.push(host.hypervisor.takeFrame('frame table'));
    return taken;
  };

  it.each([0, 1, 2])('is not built when %i frames are free beyond what it asks for', (beyond) => {
    const host = armHost();
    takeAllBut(host, 64 + beyond);
    const free = host.heap.freeFrames;
    const builder = host.simulation.ledger.account('builder');
    const refused = buildDomain(host, { name: 'driver', model: 'direct', builder }, 64);
    expect(refused).toMatchObject({
      operation: 'build',
      model: 'direct',
      rule: expect.stringMatching(/heap-has-room|banks-free/),
    });
    expect(host.heap.freeFrames).toBe(free);
    expect(audit(host)).toEqual([]);
  });

  it('is given a bank without tables for it, and keeps what it had', () => {
    const host = armHost();
    const driver = domainOn(host, 'driver', 'direct', 64);
    const { pageBytes } = host.simulation.platform;
    const bank = { start: 4096 * pageBytes, size: 128 * pageBytes };
    takeAllBut(host, 0);
    expect(isFinding(plugBank(host, bank, driver.builder))).toBe(false);
    const owned = driver.model.ownedFrames();
    const { leaves } = driver.model.secondStage!.table.count();
    expect(giveBank(driver, bank)).toMatchObject({ operation: 'add memory', rule: 'heap-has-room' });
    expect(driver.model.ownedFrames()).toEqual(owned);
    expect(driver.model.secondStage!.table.count().leaves).toEqual(leaves);
    expectIntact(driver);
  });

  it('cannot balloon out, nor map another’s page, while a large entry would have to break', () => {
    const host = armHost();
    const driver = domainOn(host, 'driver', 'direct', 256);
    const guest = domainOn(host, 'guest', 'nested', 64);
    const { leaves } = driver.model.secondStage!.table.count();
    expect(leaves[1]).toBeGreaterThan(0);
    const taken = takeAllBut(host, 0);
    const free = driver.free.count;
    expect(driver.balloon.out()).toMatchObject({ operation: 'balloon out', rule: 'heap-has-room' });
    const mapping = mapForeign(driver, guest, [asPfn(3)], { writable: false, firstPage: 0 });
    expect(mapping).toMatchObject({ operation: 'map foreign', rule: 'heap-has-room' });
    expect(driver.free.count).toBe(free);
    expect(driver.model.secondStage!.table.count().leaves).toEqual(leaves);
    expectIntact(driver, guest);
    host.hypervisor.giveBackFrame(taken[0]);
    expect(isFinding(driver.balloon.out())).toBe(false);
    expectIntact(driver, guest);
  });
});
