import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type EventName,
  type Host,
  type ModelOptions,
  asPfn,
  audit,
  buildDomain,
  isFinding,
  migrate,
  reliableLink,
} from '../../../engine/index.js';
import { assignDevice } from '../../../engine/devices/assign-device.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { Host as HostClass } from '../../../engine/host/host.js';
import { Mechanism } from '../../../engine/host/events.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { buildOnDemand } from '../../../engine/operations/build-on-demand.js';
import { beginLogDirty, endLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { sharePages } from '../../../engine/operations/share-pages.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const M2 = 512;
const NO_CACHES = { tlb: [{ sets: 1, ways: 0 }], walkCache: [] };

/** Pages of 4 KiB with tables of 512 entries, no caches, a kernel that maps itself in 2 MiB pages. */
const platform = (pages: number, own: Partial<Parameters<typeof radixScheme>[0]> = {}) =>
  radixPlatformOf([[0, pages]], {
    scheme: radixScheme({ format: X86_64, ...own }),
    kernelGranuleBytes: M2 * 4096,
    pagingPool: { pagesAVcpu: 64, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 },
  });

const ordersOf = ({ model }: Domain): Map<number, number> => {
  const orders = new Map<number, number>();
  model.secondStage!.forEachEntry(({ order }) => orders.set(order, (orders.get(order) ?? 0) + 1));
  return orders;
};

const counted = ({ account }: Domain, event: EventName, work: () => void): number => {
  const before = account.count(event);
  work();
  return account.count(event) - before;
};

const clean = (host: Host): void => expect(audit(host)).toEqual([]);
const quiet = (): void => {};

describe('memory under nested tables', () => {
  it('is given in entries as large as the heap has chunks, and the kernel maps it in pages as large as it may', () => {
    const host = hostOf(platform(8 * M2));
    const domain = domainOn(host, 'guest', 'nested', 3 * M2 + 5);
    expect(ordersOf(domain)).toEqual(
      new Map([
        [9, 3],
        [0, 5],
      ]),
    );
    // Root, two above, and one for the last five pages.
    expect(domain.model.secondStage!.tableFrames()).toHaveLength(4);
    expect(domain.kernelMapping!.table.count().leaves).toEqual([5, 3, 0, 0]);
    clean(host);
  });

  it('comes with tables in frames of the pool, one by one; without a frame for them it is refused and nothing is left', () => {
    const host = hostOf({
      ...platform(8 * M2),
      pagingPool: { pagesAVcpu: 3, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 },
    });
    const free = host.heap.freeFrames;
    const builder = host.simulation.ledger.account('builder');
    const refused = buildDomain(host, { name: 'guest', model: 'nested', builder }, M2 + 1);
    expect(refused).toMatchObject({ operation: 'build', rule: 'pool-has-room' });
    expect(host.heap.freeFrames).toBe(free);
    const small = domainOn(host, 'guest', 'nested', M2);
    const pool = new Set(host.hypervisor.frames('paging pool', small.id));
    expect(small.model.secondStage!.tableFrames().every((frame) => pool.has(frame))).toBe(true);
    const before = small.free.count;
    expect(small.balloon.out()).toMatchObject({ operation: 'balloon out', rule: 'pool-has-room' });
    // What could not be ballooned out is the kernel's free frame again.
    expect(small.free.count).toBe(before);
    clean(host);
  });

  it('breaks one large entry for a page that balloons out, and does not heal when it is back', () => {
    const host = hostOf(platform(8 * M2));
    const domain = domainOn(host, 'guest', 'nested', 2 * M2);
    const pfn = domain.balloon.out();
    if (isFinding(pfn)) throw new Error(pfn.detail);
    expect(ordersOf(domain).get(0)).toBe(M2 - 1);
    expect(domain.mmu.access(Region.kernel, pfn, false)).toMatchObject({ rule: 'in-the-second-stage' });
    expect(domain.balloon.in(pfn)).toBeNull();
    expect(ordersOf(domain)).toEqual(
      new Map([
        [0, M2],
        [9, 1],
      ]),
    );
    clean(host);
  });

  it('is entered for another domain with the right that it was given, and not as a page flip', () => {
    const host = hostOf(platform(8 * M2));
    const [tool, guest] = [domainOn(host, 'tool', 'nested', 64), domainOn(host, 'guest', 'nested', 64)];
    const mapping = mapForeign(tool, guest, [asPfn(40)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    expect(mapping.read(0)).toBe(guest.model.machineFrame(asPfn(40)));
    clean(host);
    mapping.unmap();
    clean(host);
    expect(guest.model.giveFrame(asPfn(40))).toMatchObject({ operation: 'transfer', rule: 'no-external-paging' });
  });
});

describe('walks under nested tables', () => {
  it.each([
    ['single pages in both', 64, 24],
    ['2 MiB pages in both', 3 * M2, 15],
  ])('read (n + 1)(m + 1) − 1 entries with nothing cached: %s', (_, pages, references) => {
    const host = hostOf(platform(8 * M2, { caches: NO_CACHES, nestedCaches: NO_CACHES }));
    const domain = domainOn(host, 'guest', 'nested', pages);
    let guest = 0;
    const second = counted(domain, 'secondStageReference', () => {
      guest = counted(domain, 'tableReference', () => void domain.readKernel(asPfn(pages - 1)));
    });
    expect(guest + second).toBe(references);
  });

  it('read nothing where the TLB serves', () => {
    const domain = domainOn(hostOf(platform(8 * M2)), 'guest', 'nested', 64);
    domain.readKernel(asPfn(7));
    expect(counted(domain, 'tableReference', () => void domain.readKernel(asPfn(7)))).toBe(0);
    expect(counted(domain, 'secondStageReference', () => void domain.readKernel(asPfn(7)))).toBe(0);
  });
});

describe('log-dirty under nested tables', () => {
  const logged = (options: ModelOptions = {}) => {
    const host = hostOf(platform(8 * M2));
    const tool = domainOn(host, 'tool', 'nested', 64);
    const guest = domainOn(host, 'guest', 'nested', 4 * M2, options);
    const tables = new Set<number>(guest.tablePfns);
    const write = (...pages: number[]): void => pages.forEach((page) => guest.writeKernel(asPfn(page)));
    const harvest = (): number[] => harvestDirty(tool, guest, quiet).filter((pfn) => !tables.has(pfn));
    write(100, 700, 1500);
    return { host, tool, guest, write, harvest };
  };

  it('takes no fault before it begins, one a page after that and again after each harvest, and none when it has ended', () => {
    const { host, tool, guest, write, harvest } = logged();
    const faults = (...pages: number[]): number => counted(guest, 'secondStageFault', () => write(...pages));
    expect(faults(100, 101, 700)).toBe(0);
    beginLogDirty(tool, guest, quiet);
    expect(faults(1500)).toBeGreaterThanOrEqual(1);
    expect(faults(1500, 1501, 1501)).toBe(1);
    expect(harvest()).toEqual([1500, 1501]);
    expect(faults(1500)).toBe(1);
    clean(host);
    expect(harvest()).toEqual([1500]);
    endLogDirty(tool, guest, quiet);
    expect(faults(1500, 900)).toBe(0);
    clean(host);
  });

  it('leaves a large entry whole until one of its pages is written, and broken from then on', () => {
    const { tool, guest, write } = logged();
    beginLogDirty(tool, guest, quiet);
    const whole = ordersOf(guest).get(9)!;
    write(1500);
    write(1501);
    expect(whole - ordersOf(guest).get(9)!).toBe(1);
    endLogDirty(tool, guest, quiet);
    expect(whole - ordersOf(guest).get(9)!).toBe(1);
  });

  it('by hardware faults for large entries only, and exits once in 512 pages', () => {
    const { host, tool, guest, write, harvest } = logged({ dirtyLog: 'hardware' });
    beginLogDirty(tool, guest, quiet);
    write(1024);
    harvest();
    const pages = Array.from({ length: 500 }, (_, index) => 1030 + (index % 506));
    expect(counted(guest, 'secondStageFault', () => write(...pages))).toBe(0);
    expect(harvest()).toEqual([...new Set(pages)].toSorted((a, b) => a - b));
    clean(host);
    const many = Array.from({ length: 2 * M2 }, (_, index) => 1024 + index);
    expect(counted(guest, 'dirtyBufferExit', () => write(...many))).toBe(2);
    expect(harvest()).toEqual(many);
  });
});

describe('a guest under nested tables', () => {
  const twoHosts = () => {
    const source = hostOf(platform(8 * M2));
    const target = new HostClass('target', source.simulation);
    const build = (host: Host, name: string, pages: number) => domainOn(host, name, 'nested', pages);
    return {
      source,
      target,
      guest: build(source, 'guest', 2 * M2),
      control: build(source, 'control', 256),
      targetControl: build(target, 'target control', 256),
    };
  };

  it('arrives with what it wrote, in entries of single pages', () => {
    const { guest, control, targetControl, source, target } = twoHosts();
    guest.mapPage(3, guest.free.take()!, true);
    guest.writePage(3);
    const link = reliableLink(source.simulation.platform.link);
    const moved = migrate({ guest, control, targetControl, link });
    if (isFinding(moved)) throw new Error(moved.detail);
    expect(moved.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
    expect(moved.guest.writePage(3)).toBeNull();
    expect(ordersOf(moved.guest)).toEqual(new Map([[0, 2 * M2]]));
    for (const host of [source, target]) clean(host);
  });

  it('with a device assigned refuses to move', () => {
    const { guest, control, targetControl, source } = twoHosts();
    const device = assignDevice(guest, { name: 'disk', addressBits: 32 });
    if (isFinding(device)) throw new Error(device.detail);
    const link = reliableLink(source.simulation.platform.link);
    expect(migrate({ guest, control, targetControl, link })).toMatchObject({
      operation: 'migrate',
      rule: 'no-device-assigned',
    });
  });

  it('that populates on demand faults at the first touch of a page and not again', () => {
    const host = hostOf(platform(8 * M2));
    const builder = host.simulation.ledger.account('builder');
    const guest = buildOnDemand(host, { name: 'guest', model: 'nested', builder }, { pages: 200, frames: 100 });
    if (isFinding(guest)) throw new Error(guest.detail);
    const faults = (pfn: number): number => counted(guest, 'secondStageFault', () => guest.writeKernel(asPfn(pfn)));
    guest.writeKernel(asPfn(50));
    expect([faults(60), faults(60), faults(61), faults(50)]).toEqual([1, 0, 1, 0]);
    clean(host);
  });

  it('shares a page with another until one writes it, and only its writer gets a copy', () => {
    const host = hostOf(platform(8 * M2));
    const [one, two] = [domainOn(host, 'one', 'nested', 64), domainOn(host, 'two', 'nested', 64)];
    one.fillKernel(asPfn(40), 77);
    two.fillKernel(asPfn(50), 77);
    const payer = host.simulation.ledger.account('payer');
    const refused = sharePages({
      first: { domain: one, pfn: asPfn(40) },
      second: { domain: two, pfn: asPfn(50) },
      payer,
    });
    expect(refused).toBeNull();
    clean(host);
    expect([one.readKernel(asPfn(40)), two.readKernel(asPfn(50))]).toEqual([77, 77]);
    expect(counted(two, 'secondStageFault', () => two.fillKernel(asPfn(50), 78))).toBe(1);
    expect([one.readKernel(asPfn(40)), two.readKernel(asPfn(50))]).toEqual([77, 78]);
    one.fillKernel(asPfn(40), 79);
    clean(host);
  });

  it('with several programs walks the tables of the one that is loaded', () => {
    const domain = domainOn(hostOf(platform(8 * M2)), 'guest', 'nested', 64);
    domain.mapPage(5, domain.free.take()!, true);
    const own = domain.mmu.access(Region.user, 5, false);
    const root = domain.free.take()!;
    domain.host.tables.make(domain.model.machineFrame(root), M2);
    domain.spaces.loaded = domain.spaces.enter({ rootFrame: root, read: () => 0 })!;
    expect(domain.mmu.access(Region.user, 5, false)).toMatchObject({ rule: 'mapped' });
    domain.spaces.loaded = 0;
    expect(counted(domain, 'tableReference', () => expect(domain.mmu.access(Region.user, 5, false)).toBe(own))).toBe(0);
    domain.setEntry(5, 0, Mechanism.work);
    expect(domain.mmu.access(Region.user, 5, false)).toMatchObject({ rule: 'mapped' });
  });
});
