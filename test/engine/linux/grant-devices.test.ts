import { describe, expect, it } from 'vitest';
import { Host, Simulation, audit, saveCheckpoint } from '../../../engine/index.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { type GrantRules, XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import { entryFrame } from '../../../engine/host/entry.js';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { allocateGrants, freeGrants, mapGrantDevice } from '../../../engine/linux/grant-devices.js';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { findEntry } from '../../../engine/linux/mm.js';
import { xenOps } from '../../../engine/linux/xen-ops.js';
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
    const { kernel, mm, memory, domain } = at;
    const area = ok(allocateGrants(kernel, mm, at.grants, { to: domain, pages: PAGES, firstPage: OWN }));
    expect(at.violations()).toEqual([]);
    const request = { granter: domain, references: area.references, firstPage: OWN + PAGES };
    const free = domain.free.count;
    for (let times = 0; times < 2; times += 1) {
      let mapped!: Exclude<ReturnType<typeof mapGrantDevice>, { readonly rule: string }>;
      expect(at.count('pageUpdate', () => (mapped = ok(mapGrantDevice(kernel, mm, memory, request))))).toBe(0);
      area.pfns.forEach((pfn, index) => {
        const place = findEntry(kernel, mm, OWN + PAGES + index)!;
        expect(entryFrame(kernel.entryAt(place))).toBe(domain.model.machineFrame(pfn));
      });
      expect(at.violations()).toEqual([]);
      expect(freeGrants(kernel, mm, at.grants, area)).toMatchObject({ rule: 'not-in-use' });
      expect(at.count('spaceFlush', () => expect(at.count('grantOperation', () => mapped.unmap())).toBe(2))).toBe(4);
      expect(at.violations()).toEqual([]);
    }
    expect(domain.free.count).toBe(free);
    expect(freeGrants(kernel, mm, at.grants, area)).toBe(null);
    expect(domain.free.count).toBe(free + PAGES + 3);
    expect(at.violations()).toEqual([]);
  });

  it("another domain's: they are reachable by entry and at a place without memory, until they are unmapped", () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const pfns = Array.from({ length: PAGES }, () => at.other.free.take()!);
    const references = pfns.map((pfn) => ok(theirs.grantAccess(at.domain, pfn, 'write')));
    const request = { granter: at.other, references, firstPage: OWN };
    const mapped = ok(mapGrantDevice(at.kernel, at.mm, at.memory, request));
    const frames = pfns.map((pfn) => at.other.model.machineFrame(pfn));
    // Its owner's, that of its owner's kernel, and the two that reach it.
    expect(frames.map((mfn) => at.host.frames.references(mfn))).toEqual(frames.map(() => 4));
    expect(at.violations()).toEqual([]);
    const [first] = references;
    expect(theirs.endAccess(first)).toMatchObject({ rule: 'not-in-use' });
    mapped.unmap();
    expect(frames.map((mfn) => at.host.frames.references(mfn))).toEqual(frames.map(() => 2));
    expect(at.domain.foreign.size).toBe(0);
    expect(references.map((reference) => theirs.endAccess(reference))).toEqual(references.map(() => null));
  });

  it('a checkpoint refuses an address space with such an area, and holds it once the area is unmapped', () => {
    const at = scene();
    const save = (): Uint8Array =>
      saveCheckpoint(at.host.simulation, (archive) => {
        archive.part('kernel', at.kernel);
        archive.part('grants', at.grants);
      });
    expect(save().length).toBeGreaterThan(0);
    const area = ok(allocateGrants(at.kernel, at.mm, at.grants, { to: at.domain, pages: 1, firstPage: OWN }));
    expect(save).toThrow('an area of gntalloc cannot be saved yet: unmap it before');
    expect(freeGrants(at.kernel, at.mm, at.grants, area)).toBe(null);
    expect(save().length).toBeGreaterThan(0);
  });

  it('all or nothing: one that is refused leaves none mapped', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const good = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'write'));
    const bad = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'read'));
    const request = { granter: at.other, references: [good, bad], firstPage: OWN };
    expect(mapGrantDevice(at.kernel, at.mm, at.memory, request)).toMatchObject({ rule: 'read-only' });
    expect(at.domain.foreign.size).toBe(0);
    expect(theirs.endAccess(good)).toBe(null);
    expect(at.violations()).toEqual([]);
  });

  it('an entry that maps a grant is the hypervisor’s: the guest can neither overwrite it nor have two there', () => {
    const at = scene();
    const theirs = ok(GrantReferences.open(at.other));
    const reference = ok(theirs.grantAccess(at.domain, at.other.free.take()!, 'write'));
    ok(mapGrantDevice(at.kernel, at.mm, at.memory, { granter: at.other, references: [reference], firstPage: OWN }));
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
          () => void ok(allocateGrants(at.kernel, at.mm, at.grants, { to, pages, firstPage })),
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
    expect(allocateGrants(at.kernel, at.mm, at.grants, request)).toMatchObject({ rule: 'table-frames' });
    expect([at.domain.free.count, at.grants.free]).toEqual([free, references]);
    expect(at.violations()).toEqual([]);
  });
});
