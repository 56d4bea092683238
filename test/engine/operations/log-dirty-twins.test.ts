import { describe, expect, it } from 'vitest';
import { type Domain, type Host, audit, destroyDomain } from '../../../engine/index.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { beginLogDirty, endLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import type { Platform } from '../../../engine/platform.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const GUEST_PAGES = 300;
/** Xen's least for one virtual processor, and a frame for each 256 pages of the guest. */
const POOL = 128 + 1;
const nothing = (): void => {};

const scene = (
  own: Omit<Partial<Platform>, 'scheme'> = {},
  frames = 1024,
): { host: Host; tool: Domain; guest: Domain } => {
  const host = hostOf(radixPlatformOf([[0, frames]], { scheme: radixScheme(), ...own }));
  const tool = domainOn(host, 'tool', 'direct', 60);
  const guest = domainOn(host, 'guest', 'p2m', GUEST_PAGES);
  for (let vpn = 0; vpn < 3; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  return { host, tool, guest };
};

const count = ({ account }: Domain, name: string): number =>
  account.entries().reduce((sum, { event, count: times }) => sum + (event === name ? times : 0), 0);

/** Exits and passed-through accesses of some work. */
const exits = (guest: Domain, work: () => void): number => {
  const before = count(guest, 'pageFaultExit');
  work();
  return count(guest, 'pageFaultExit') - before;
};

describe('log-dirty of a P2M guest whose tables the MMU walks', () => {
  it('takes frames for twins while it is on, and gives them back', () => {
    const { host, tool, guest } = scene();
    const free = host.heap.freeFrames;
    expect(beginLogDirty(tool, guest, nothing)).toBe(null);
    expect(host.heap.freeFrames).toBe(free - POOL);
    expect(audit(host)).toEqual([]);
    endLogDirty(tool, guest, nothing);
    expect(host.heap.freeFrames).toBe(free);
    expect(guest.model.shadow).toBeUndefined();
  });

  it('is refused where the heap has no frames for them, or the hypervisor no shadow paging', () => {
    const { host, tool, guest } = scene({}, 460);
    expect(host.heap.freeFrames).toBeLessThan(POOL);
    expect(beginLogDirty(tool, guest, nothing)).toMatchObject({ operation: 'log dirty', rule: 'pool-has-room' });
    expect(guest.dirtyLog).toBe(null);
    const without = scene({ shadowPaging: false });
    expect(beginLogDirty(without.tool, without.guest, nothing)).toMatchObject({ rule: 'sees-first-writes' });
  });

  it('marks a page at its first write, and lets each harvest make reads fault again', () => {
    const { host, tool, guest } = scene();
    beginLogDirty(tool, guest, nothing);
    const read = (): void => void guest.mmu.access(Region.user, 0, false);
    expect(exits(guest, read)).toBe(1);
    expect(exits(guest, read)).toBe(0);
    expect(exits(guest, () => void guest.writePage(1))).toBe(1);
    const tables = new Set(guest.tablePfns);
    const dirty = (): number[] => harvestDirty(tool, guest, nothing).filter((pfn) => !tables.has(pfn));
    expect(dirty()).toEqual([guest.log.mapped(1)]);
    expect(exits(guest, read)).toBe(1);
    expect(dirty()).toEqual([]);
    expect(audit(host)).toEqual([]);
  });

  it('keeps twins up with entries that change meanwhile', () => {
    const { host, tool, guest } = scene();
    beginLogDirty(tool, guest, nothing);
    guest.writePage(0);
    guest.unmapPage(0);
    expect(guest.writePage(0)).toMatchObject({ rule: 'mapped' });
    guest.mapPage(0, guest.free.take()!, true);
    expect(guest.writePage(0)).toBe(null);
    expect(audit(host)).toEqual([]);
  });

  it("walks the guest's own tables again when it ends: no exit is left", () => {
    const { host, tool, guest } = scene();
    beginLogDirty(tool, guest, nothing);
    guest.writePage(0);
    endLogDirty(tool, guest, nothing);
    expect(exits(guest, () => void guest.writePage(2))).toBe(0);
    expect(audit(host)).toEqual([]);
  });

  it('gives all back when the guest is destroyed meanwhile', () => {
    const { host, tool, guest } = scene();
    beginLogDirty(tool, guest, nothing);
    guest.writePage(0);
    expect(destroyDomain(guest, tool.account)).toBe(null);
    expect(host.hypervisor.pages('paging pool')).toBe(0);
    expect(audit(host)).toEqual([]);
  });
});
