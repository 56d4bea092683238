import { describe, expect, it } from 'vitest';
import { type Domain, EVENT_NAMES, type EventName, type Host, audit, isFinding } from '../../../engine/index.js';
import { EntryFlag, entryFrame } from '../../../engine/host/entry.js';
import { Mechanism } from '../../../engine/host/events.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const hostWith = (): Host =>
  hostOf(
    radixPlatformOf([[0, 1024]], {
      scheme: radixScheme(),
      pagingPool: { pagesAVcpu: 160, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 },
    }),
  );

/** What the work charged to the domain, by event. */
const charged = (domain: Domain, work: () => void): Partial<Record<EventName, number>> => {
  const tally = (): Map<EventName, number> => {
    const sums = new Map<EventName, number>();
    for (const { event, count } of domain.account.entries()) sums.set(event, (sums.get(event) ?? 0) + count);
    return sums;
  };
  const before = tally();
  work();
  const entries = [...tally()].map(([event, count]) => [event, count - (before.get(event) ?? 0)] as const);
  return Object.fromEntries(entries.filter(([event, count]) => count > 0 && EVENT_NAMES.includes(event)));
};

const withPages = (pages: number): { host: Host; domain: Domain } => {
  const host = hostWith();
  const domain = domainOn(host, 'guest', 'shadow', 100);
  for (let vpn = 0; vpn < pages; vpn += 1) domain.mapPage(vpn, domain.free.take()!, true);
  return { host, domain };
};

describe('an MMU over twins', () => {
  it('loads the root, exits once, walks four entries and then has the page in its TLB', () => {
    const { host, domain } = withPages(1);
    expect(charged(domain, () => domain.mmu.access(Region.user, 0, false))).toMatchObject({
      addressSpaceExit: 1,
      pageFaultExit: 1,
      shadowWalk: 1,
    });
    expect(charged(domain, () => domain.mmu.access(Region.user, 0, false))).toEqual({});
    domain.mmu.flush(Mechanism.work);
    expect(charged(domain, () => domain.mmu.access(Region.user, 0, false))).toEqual({ tableReference: 4 });
    expect(audit(host)).toEqual([]);
  });

  it('reaches machine frames by entries that hold guest frames', () => {
    const { host, domain } = withPages(3);
    for (let vpn = 0; vpn < 3; vpn += 1) {
      const pfn = domain.log.mapped(vpn);
      expect(entryFrame(domain.pageTable.read(vpn))).toBe(pfn);
      const mfn = domain.mmu.access(Region.user, vpn, true);
      expect(isFinding(mfn) || host.frames.guestFrame(mfn)).toBe(pfn);
    }
  });

  it('passes on the faults that the guest has to serve itself', () => {
    const { domain } = withPages(1);
    domain.mapPage(1, domain.free.take()!, false);
    expect(domain.mmu.access(Region.user, 1, true)).toMatchObject({ rule: 'writable' });
    expect(
      charged(domain, () => expect(domain.mmu.access(Region.user, 2, false)).toMatchObject({ rule: 'mapped' })),
    ).toEqual(expect.objectContaining({ pageFaultExit: 1, faultPassedOn: 1 }));
  });

  it('reads and then writes in a large page: its twin is another one when it is dirty, and no cached walk leads to the old one', () => {
    const { host, domain } = withPages(0);
    domain.kernelMapping!.table.changeLeaf(5, 0, EntryFlag.dirty);
    expect(domain.kernelMapping!.table.leafLevel(5)).toBe(1);
    const mfn = domain.mmu.access(Region.kernel, 5, false);
    expect(charged(domain, () => expect(domain.mmu.access(Region.kernel, 5, true)).toBe(mfn))).toMatchObject({
      pageFaultExit: 1,
      spaceFlush: 1,
    });
    expect(domain.mmu.access(Region.kernel, 6, true)).toBe(domain.model.machineFrame(asPfn(6)));
    expect(audit(host)).toEqual([]);
  });

  it('lets a lowest table go out of sync at the first store, and takes the next ones without an exit', () => {
    const { host, domain } = withPages(1);
    domain.mmu.access(Region.user, 0, false);
    const [second, third] = [domain.free.take()!, domain.free.take()!];
    expect(charged(domain, () => domain.mapPage(1, second, true))).toMatchObject({ pageFaultExit: 1, tableUnsync: 1 });
    const next = charged(domain, () => domain.mapPage(2, third, true));
    expect(next.pageFaultExit).toBeUndefined();
    for (const [vpn, pfn] of [
      [1, second],
      [2, third],
    ] as const) {
      expect(domain.mmu.access(Region.user, vpn, true)).toBe(domain.model.machineFrame(pfn));
    }
    expect(audit(host)).toEqual([]);
  });

  it('emulates a store to a higher table, and the twin follows', () => {
    const { host, domain } = withPages(1);
    domain.mmu.access(Region.user, 0, false);
    const pfn = domain.free.take()!;
    // 64 entries a table: page 64 needs a lowest table of its own.
    expect(charged(domain, () => domain.mapPage(64, pfn, true))).toMatchObject({ emulatedWrite: 1 });
    expect(domain.mmu.access(Region.user, 64, true)).toBe(domain.model.machineFrame(pfn));
    expect(audit(host)).toEqual([]);
  });

  it('has the kernel and the program loaded beside each other', () => {
    const { domain } = withPages(1);
    domain.mmu.access(Region.user, 0, false);
    const pfn = domain.log.mapped(0);
    const counts = charged(domain, () => {
      domain.writeKernel(pfn);
      domain.mmu.access(Region.user, 0, false);
      domain.readKernel(pfn);
    });
    expect(counts.addressSpaceExit).toBeUndefined();
  });

  it('sees reads again too when its writes are logged: every twin is dropped', () => {
    const { domain } = withPages(2);
    const read = (): void => void domain.mmu.access(Region.user, 0, false);
    read();
    domain.model.dirtyLogging!.harvest();
    expect(charged(domain, read).pageFaultExit).toBe(1);
  });

  it('goes on in another machine frame when its own root moves', () => {
    const { host, domain } = withPages(2);
    domain.mmu.access(Region.user, 0, true);
    const [root] = domain.pageTable.tablePfns;
    const before = domain.model.machineFrame(root);
    const other = host.allocate(domain, 0);
    host.tables.set(other, host.tables.get(before)!);
    host.tables.delete(before);
    host.frames.setContents(other, host.frames.contents(before));
    domain.model.repoint!(root, other);
    host.release(before, domain.account);
    expect(domain.mmu.access(Region.user, 1, true)).toBe(domain.model.machineFrame(domain.log.mapped(1)));
    expect(audit(host)).toEqual([]);
  });
});
