import { describe, expect, it } from 'vitest';
import { Host, Simulation, audit, isFinding, restartCrashed, takeDownCrashed } from '../../../engine/index.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { mapGrants, unmapGrants } from '../../../engine/grants/map-grants.js';
import { type GrantRules, XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import { entryFrame } from '../../../engine/host/entry.js';
import { exitMm } from '../../../engine/linux/exit.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { allocateGrants, freeGrants, mapGrantDevice, unmapGrantDevice } from '../../../engine/linux/grant-devices.js';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { findEntry } from '../../../engine/linux/mm.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { xenOps } from '../../../engine/linux/xen-ops.js';
import { beginLogDirty } from '../../../engine/operations/log-dirty.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { radixScheme } from '../../../validation/predictions/counts-only-platform.js';
import { ok } from '../grants/support.js';
import { domainOn, platformOf } from '../support.js';

const PAGES = 40;
/** An area in the middle of a lowest table. */
const OWN = 512 * 7 + 100;

const scene = (rules: GrantRules = XEN_4_17_X86_PV) => {
  const bytes = 4096 * 2 ** 15;
  const platform = {
    ...platformOf([[0, 1]]),
    pageBytes: 4096,
    banks: [{ start: 0, size: bytes }],
    scheme: radixScheme(X86_64),
  };
  const simulation = new Simulation({ ...platform, kernelGranuleBytes: 4096 * 512, grants: rules }, 'linux');
  const host = new Host('host', simulation);
  const [domain, other] = [domainOn(host, 'domain', 'p2m', 4000), domainOn(host, 'other', 'p2m', 64)];
  const memory = domain.pv!;
  const kernel = new LinuxKernel(domain, xenOps(domain, memory), { twoRoots: true });
  const mm = kernel.newMm();
  kernel.ops.entered(mm);
  kernel.ops.activate(mm);
  const grants = ok(GrantReferences.open(domain));
  kernel.grants = grants;
  const count = (event: 'grantOperation' | 'pageUpdate' | 'emulatedWrite' | 'spaceFlush', work: () => void): number => {
    const before = domain.account.count(event);
    work();
    return domain.account.count(event) - before;
  };
  return {
    host,
    domain,
    other,
    memory,
    kernel,
    mm,
    grants,
    count,
    violations: () => [...audit(host), ...auditLinux(kernel)],
  };
};

describe('Linux maps granted pages in a P2M guest on x86', () => {
  it('its own: two hypercalls to map and two to unmap, no update of an entry, and every count as a walk finds it', () => {
    const at = scene();
    const { kernel, mm, domain } = at;
    const area = ok(allocateGrants(kernel, mm, { to: domain, pages: PAGES, firstPage: OWN }));
    expect(at.violations()).toEqual([]);
    const request = { granter: domain, references: area.references, firstPage: OWN + PAGES };
    const free = domain.free.count;
    for (let times = 0; times < 2; times += 1) {
      expect(at.count('pageUpdate', () => void ok(mapGrantDevice(kernel, mm, request)))).toBe(0);
      area.pfns.forEach((pfn, index) => {
        const place = findEntry(kernel, mm, OWN + PAGES + index)!;
        expect(entryFrame(kernel.entryAt(place))).toBe(domain.model.machineFrame(pfn));
      });
      expect(at.violations()).toEqual([]);
      expect(freeGrants(kernel, mm, OWN)).toMatchObject({ rule: 'not-in-use' });
      expect(
        at.count('spaceFlush', () =>
          expect(at.count('grantOperation', () => unmapGrantDevice(kernel, mm, OWN + PAGES))).toBe(2),
        ),
      ).toBe(4);
      expect(at.violations()).toEqual([]);
    }
    expect(domain.free.count).toBe(free);
    expect(freeGrants(kernel, mm, OWN)).toBe(null);
    expect(domain.free.count).toBe(free + PAGES + 3);
    expect(at.violations()).toEqual([]);
  });

  it("another domain's: they are reachable by entry and at a place without memory, until they are unmapped", () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const pfns = Array.from({ length: PAGES }, () => at.other.free.take()!);
    const references = pfns.map((pfn) => ok(theirs.grantAccess(at.domain, pfn, 'write')));
    const request = { granter: at.other, references, firstPage: OWN };
    ok(mapGrantDevice(at.kernel, at.mm, request));
    const frames = pfns.map((pfn) => at.other.model.machineFrame(pfn));
    // Its owner's, that of its owner's kernel, and the two that reach it.
    expect(frames.map((mfn) => at.host.frames.references(mfn))).toEqual(frames.map(() => 4));
    expect(at.violations()).toEqual([]);
    const [first] = references;
    expect(theirs.endAccess(first)).toMatchObject({ rule: 'not-in-use' });
    unmapGrantDevice(at.kernel, at.mm, OWN);
    expect(frames.map((mfn) => at.host.frames.references(mfn))).toEqual(frames.map(() => 2));
    expect(at.domain.foreign.size).toBe(0);
    expect(references.map((reference) => theirs.endAccess(reference))).toEqual(references.map(() => null));
  });

  it('what the program writes through its mapping is in the frame of the other domain, and dirty there', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const pfn = at.other.free.take()!;
    const reference = ok(theirs.grantAccess(at.domain, pfn, 'write'));
    ok(mapGrantDevice(at.kernel, at.mm, { granter: at.other, references: [reference], firstPage: OWN }));
    expect(beginLogDirty(at.domain, at.other, () => {})).toBe(null);
    const stamp = writePage(at.kernel, at.mm, OWN);
    expect(at.host.frames.contents(at.other.model.machineFrame(pfn))).toBe(stamp);
    expect(readPage(at.kernel, at.mm, OWN)).toBe(stamp);
    expect(at.other.dirtyLog!.has(pfn)).toBe(true);
  });

  it('a program that exits leaves what it has mapped, and its own page only when nobody maps it any more', () => {
    const at = scene();
    const { kernel, domain, other } = at;
    const last = kernel.newMm();
    const free = domain.free.count;
    const [granter, mapper] = [kernel.newMm(), kernel.newMm()];
    for (const mm of [granter, mapper, last]) kernel.ops.entered(mm);
    const [reference] = ok(allocateGrants(kernel, granter, { to: other, pages: 1, firstPage: OWN })).references;
    const granted = ok(GrantReferences.open(other));
    const theirs = ok(granted.grantAccess(domain, other.free.take()!, 'write'));
    ok(mapGrantDevice(kernel, mapper, { granter: other, references: [theirs], firstPage: OWN }));
    const [mapping] = mapGrants(other, [{ granter: domain, reference, writable: true }]).map(ok);
    kernel.ops.activate(at.mm);
    exitMm(kernel, mapper);
    expect(granted.endAccess(theirs)).toBe(null);
    exitMm(kernel, granter);
    expect(at.grants.refusesEnd(reference)).toMatchObject({ rule: 'not-in-use' });
    expect(domain.free.count).toBe(free - 1);
    expect(at.violations()).toEqual([]);
    unmapGrants(other, [mapping]);
    exitMm(kernel, last);
    expect(domain.free.count).toBe(free + 2);
    expect(at.violations()).toEqual([]);
  });

  it('what a program unmaps of an area of gntdev is unmapped for the hypervisor too, and what it left stays', () => {
    const at = scene();
    const { kernel, mm, other, domain } = at;
    const theirs = ok(GrantReferences.open(other));
    const references = Array.from({ length: 8 }, () => ok(theirs.grantAccess(domain, other.free.take()!, 'write')));
    ok(mapGrantDevice(kernel, mm, { granter: other, references, firstPage: OWN }));
    const inUse = (): number[] => references.flatMap((each, index) => (theirs.table.use(each) === 0 ? [] : [index]));
    expect(at.count('grantOperation', () => unmapRange(kernel, mm, OWN + 3, 2))).toBe(2);
    expect(inUse()).toEqual([0, 1, 2, 5, 6, 7]);
    expect(at.violations()).toEqual([]);
    expect(isFinding(writePage(kernel, mm, OWN + 3))).toBe(true);
    // Another area over the end of what is left.
    mapArea(kernel, mm, { firstPage: OWN + 7, pages: 4, writable: true, file: null });
    expect(inUse()).toEqual([0, 1, 2, 5, 6]);
    expect(mm.mapped.map(({ firstPage, user, own }) => [firstPage, user.length, own.length])).toEqual([
      [OWN, 3, 3],
      [OWN + 5, 2, 2],
    ]);
    unmapGrantDevice(kernel, mm, OWN);
    unmapRange(kernel, mm, OWN - 10, PAGES);
    expect([inUse(), mm.mapped, domain.foreign.size]).toEqual([[], [], 0]);
    expect(at.violations()).toEqual([]);
  });

  it('what a program unmaps of an area of gntalloc stays granted and is not free, until it exits', () => {
    const at = scene();
    const { kernel, domain, other } = at;
    const [last, granter] = [kernel.newMm(), kernel.newMm()];
    for (const mm of [last, granter]) kernel.ops.entered(mm);
    const { references, pfns } = ok(allocateGrants(kernel, granter, { to: other, pages: 4, firstPage: OWN }));
    const free = domain.free.count;
    unmapRange(kernel, granter, OWN + 1, 2);
    expect(domain.free.count).toBe(free);
    expect(granter.granted.map(({ firstPage, pfns: left }) => [firstPage, left])).toEqual([
      [OWN, [pfns[0]]],
      [OWN + 3, [pfns[3]]],
    ]);
    ok(GrantReferences.open(other));
    const [mapping] = mapGrants(other, [{ granter: domain, reference: references[1], writable: true }]).map(ok);
    expect(at.violations()).toEqual([]);
    expect(freeGrants(kernel, granter, OWN + 3)).toBe(null);
    expect(domain.free.count).toBe(free + 1);
    exitMm(kernel, granter);
    expect(pfns.map((pfn) => domain.free.copy().includes(pfn))).toEqual([true, false, true, true]);
    unmapGrants(other, [mapping]);
    exitMm(kernel, last);
    expect(domain.free.copy()).toContain(pfns[1]);
    expect(at.violations()).toEqual([]);
  });

  it('places that its kernel made for frames of others are no pages of a domain that crashes', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const references = [1, 2].map(() => ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'write')));
    ok(mapGrantDevice(at.kernel, at.mm, { granter: at.other, references, firstPage: OWN }));
    const { builder } = at.domain;
    const pages = at.domain.model.ownedFrames().length;
    const crashed = takeDownCrashed(at.domain, builder);
    expect(crashed).toMatchObject({ pages });
    const again = ok(restartCrashed(ok(crashed), builder));
    expect(again.model.ownedFrames()).toHaveLength(pages);
    expect(audit(at.host)).toEqual([]);
  });

  it('an area of which one page is still mapped keeps all its grants', () => {
    const at = scene();
    const { references } = ok(allocateGrants(at.kernel, at.mm, { to: at.other, pages: 2, firstPage: OWN }));
    ok(GrantReferences.open(at.other));
    const [mapping] = mapGrants(at.other, [{ granter: at.domain, reference: references[1], writable: true }]).map(ok);
    const { free } = at.grants;
    expect(freeGrants(at.kernel, at.mm, OWN)).toMatchObject({ rule: 'not-in-use' });
    expect(at.grants.free).toBe(free);
    unmapGrants(at.other, [mapping]);
    expect(freeGrants(at.kernel, at.mm, OWN)).toBe(null);
    expect(at.grants.free).toBe(free + 2);
  });

  it('all or nothing: one that is refused leaves none mapped', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const good = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'write'));
    const bad = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'read'));
    const request = { granter: at.other, references: [good, bad], firstPage: OWN };
    expect(mapGrantDevice(at.kernel, at.mm, request)).toMatchObject({ rule: 'read-only' });
    expect(at.domain.foreign.size).toBe(0);
    expect(theirs.endAccess(good)).toBe(null);
    expect(at.violations()).toEqual([]);
  });

  it('an entry that maps a grant is the hypervisor’s: the guest can neither overwrite it nor have two there', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const reference = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'write'));
    ok(mapGrantDevice(at.kernel, at.mm, { granter: at.other, references: [reference], firstPage: OWN }));
    const { table, index } = findEntry(at.kernel, at.mm, OWN)!;
    expect(at.memory.update(table, index, 0)).toMatchObject({ refusal: expect.stringContaining('maps a grant') });
    expect(at.memory.putGrantEntry(table, index, 1)).toContain('is taken');
    expect(at.memory.putGrantEntry(at.mm.root, 3, 1)).toContain('no lowest table');
  });

  it('a table of grants that grows is asked for and mapped anew: three hypercalls, and an update for each of its frames', () => {
    const at = scene();
    const to = at.other;
    const grow = (pages: number, firstPage: number): number[] => {
      let operations = 0;
      const updates = at.count('pageUpdate', () => {
        operations = at.count(
          'grantOperation',
          () => void ok(allocateGrants(at.kernel, at.mm, { to, pages, firstPage })),
        );
      });
      return [operations, updates - pages];
    };
    // A new lowest table for an area: one update, since the middle tables are there after the first.
    expect(grow(1, 0)).toEqual([0, 3 + 1]);
    expect(grow(503, 512)).toEqual([0, 1]);
    expect(grow(1, 100)).toEqual([3, 2]);
  });

  it('pages that cannot all be granted are given back, with the references of those that were', () => {
    const at = scene({ ...XEN_4_17_X86_PV, tableFrames: 1 });
    const [free, references] = [at.domain.free.count, at.grants.free];
    const request = { to: at.other, pages: references + 1, firstPage: OWN };
    expect(allocateGrants(at.kernel, at.mm, request)).toMatchObject({ rule: 'table-frames' });
    expect([at.domain.free.count, at.grants.free]).toEqual([free, references]);
    expect(at.violations()).toEqual([]);
  });
});
