import { describe, expect, it } from 'vitest';
import { type Finding, Mechanism, asPfn, audit, destroyDomain, isFinding } from '../../../engine/index.js';
import { copyGrants } from '../../../engine/grants/copy-grants.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences, RESERVED_REFERENCES } from '../../../engine/grants/grant-references.js';
import { mapGrants, unmapGrants } from '../../../engine/grants/map-grants.js';
import { transferFrames } from '../../../engine/grants/transfer-frames.js';
import {
  XEN_4_17,
  XEN_4_17_X86_PV,
  XEN_IA64_AUGUST_2006,
  XEN_IA64_JANUARY_2006,
} from '../../../engine/grants/rules.js';
import { beginLogDirty } from '../../../engine/operations/log-dirty.js';
import { VARIANTS, domainOn, hostOf, platformOf } from '../support.js';
import { ok, pairOf } from './support.js';

const ruleOf = (result: unknown): string => (isFinding(result) ? result.rule : 'granted');
const granted = <T>(results: readonly (T | Finding)[]): T[] =>
  results.filter((result): result is T => !isFinding(result));
const MODELS = ['direct', 'p2m', 'insert'] as const;

describe('grant tables in frames', () => {
  it.each([
    [1, 16384 / 8, 0],
    [2, 16384 / 16, 1],
  ] as const)(
    'version %i has %i entries a frame of 16 KiB and %i frame of status words',
    (version, entries, status) => {
      const { granter, references } = pairOf('insert', 'insert', { version });
      expect(references.table.entries).toBe(entries);
      expect(references.table.statusFrames).toBe(status);
      expect(references.free).toBe(entries - RESERVED_REFERENCES);
      expect(granter.host.hypervisor.frames('grant table', granter.id)).toHaveLength(1 + status);
      expect(audit(granter.host)).toEqual([]);
    },
  );

  it('grows by a frame when no reference is free, and not above its limit', () => {
    const { granter, mapper, references } = pairOf('p2m', 'insert', { rules: { ...XEN_4_17, tableFrames: 2 } });
    const pfn = granter.free.take()!;
    const before = granter.host.heap.freeFrames;
    const given = new Set<number>();
    for (let count = 0; count < 2 * 2048 - RESERVED_REFERENCES; count += 1) {
      given.add(ok(references.grantAccess(mapper, pfn, 'read')));
    }
    expect(given.size).toBe(2 * 2048 - RESERVED_REFERENCES);
    expect(Math.min(...given)).toBe(RESERVED_REFERENCES);
    expect(granter.host.heap.freeFrames).toBe(before - 1);
    expect(ruleOf(references.grantAccess(mapper, pfn, 'read'))).toBe('table-frames');
    expect(audit(granter.host)).toEqual([]);
  });

  it('needs a handle of 16 bytes a mapping, in frames of the mapper up to its limit', () => {
    const { granter, mapper, references } = pairOf('insert', 'insert', { rules: { ...XEN_4_17, maptrackFrames: 1 } });
    const reference = ok(references.grantAccess(mapper, granter.free.take()!, 'read'));
    const request = { granter, reference, writable: false };
    const results = mapGrants(
      mapper,
      Array.from({ length: 16384 / 16 + 1 }, () => request),
    );
    expect(results.filter(isFinding).map(({ rule }) => rule)).toEqual(['handles']);
    expect(mapper.host.hypervisor.frames('maptrack', mapper.id)).toHaveLength(1);
    expect(audit(mapper.host)).toEqual([]);
    unmapGrants(mapper, granted(results));
    expect(mapper.foreign.size).toBe(0);
    expect(audit(mapper.host)).toEqual([]);
  });

  it('a version above what the hypervisor has, and one of a table in use, are refused', () => {
    const { granter, mapper, references } = pairOf('insert', 'insert', { rules: XEN_IA64_AUGUST_2006 });
    expect(ruleOf(references.table.setVersion(2))).toBe('table-version');
    const second = pairOf('insert', 'insert');
    ok(second.references.grantAccess(second.mapper, second.granter.free.take()!, 'read'));
    expect(ruleOf(second.references.table.setVersion(2))).toBe('table-empty');
    expect(ruleOf(references.passOn(mapper, { granter, reference: 8 }, 'read'))).toBe('table-version');
  });
});

describe.each(MODELS)('a page granted by a %s domain', (granterModel) => {
  it.each(VARIANTS.filter(({ options }) => options.access !== 'trusted'))(
    'is mapped, written and unmapped by $title',
    ({ model }) => {
      const { granter, mapper, references } = pairOf(granterModel, model);
      const pfns = [granter.free.take()!, granter.free.take()!];
      const requests = pfns.map((pfn) => ({
        granter,
        reference: ok(references.grantAccess(mapper, pfn, 'write')),
        writable: true,
      }));
      const mapping = ok(mapGrantedPages(mapper, requests, 0));
      pfns.forEach((pfn, index) => {
        expect(mapping.read(index)).toBe(granter.model.machineFrame(pfn));
        expect(granter.host.frames.references(granter.model.machineFrame(pfn))).toBe(2);
        mapping.write(index, 9000 + index);
        granter.log.wrote(pfn, 9000 + index);
        expect(granter.readKernel(pfn)).toBe(9000 + index);
      });
      expect(audit(granter.host)).toEqual([]);
      expect(ruleOf(references.endAccess(requests[0].reference))).toBe('not-in-use');
      expect(ruleOf(destroyDomain(granter, granter.builder))).toBe('not-referenced');
      mapping.unmap();
      for (const { reference } of requests) expect(references.endAccess(reference)).toBe(null);
      expect(mapper.foreign.size).toBe(0);
      expect(audit(granter.host)).toEqual([]);
      expect(ruleOf(mapGrants(mapper, requests)[0])).toBe('granted');
    },
  );

  it('goes only to its grantee, for what was granted, and only if it is memory of its own', () => {
    const { granter, mapper, references } = pairOf(granterModel, 'insert');
    const third = domainOn(granter.host, 'third', 'insert', 8);
    const pfn = granter.free.take()!;
    const reference = ok(references.grantAccess(mapper, pfn, 'read'));
    expect(ruleOf(mapGrants(third, [{ granter, reference, writable: false }])[0])).toBe('granted-to');
    expect(ruleOf(mapGrants(mapper, [{ granter, reference, writable: true }])[0])).toBe('read-only');
    expect(ruleOf(mapGrants(mapper, [{ granter, reference: 9999, writable: false }])[0])).toBe('granted');
    const foreign = third.model.machineFrame(asPfn(3));
    references.table.store(reference, { type: 1, readOnly: false, grantee: mapper.id, frame: foreign, through: 0 });
    expect(ruleOf(mapGrants(mapper, [{ granter, reference, writable: false }])[0])).toBe('own-memory');
    expect(mapper.foreign.size).toBe(0);
    expect(audit(granter.host)).toEqual([]);
  });

  it('stays what it was when the guest changes the entry below a mapping', () => {
    const { granter, mapper, references } = pairOf(granterModel, 'insert');
    const [pfn, other] = [granter.free.take()!, granter.free.take()!];
    const reference = ok(references.grantAccess(mapper, pfn, 'write'));
    const [first] = mapGrants(mapper, [{ granter, reference, writable: true }]).map(ok);
    const frame = granter.model.frameForEntry(other, Mechanism.grants);
    references.table.store(reference, { type: 1, readOnly: false, grantee: mapper.id, frame, through: 0 });
    const [second] = mapGrants(mapper, [{ granter, reference, writable: false }]).map(ok);
    for (const { frame } of [first, second]) {
      expect(mapper.model.frameBehindEntry(frame)).toBe(granter.model.machineFrame(pfn));
    }
    unmapGrants(mapper, [first, second]);
    expect(audit(granter.host)).toEqual([]);
  });
});

it('a page table is not granted for writing, by a map or by a copy', () => {
  const { granter, mapper, references } = pairOf('p2m', 'insert');
  granter.mapPage(1, granter.free.take()!, true);
  const [table] = granter.pageTable.tablePfns;
  const reference = ok(references.grantAccess(mapper, table, 'write'));
  expect(ruleOf(mapGrants(mapper, [{ granter, reference, writable: true }])[0])).toBe('one-type');
  const copy = { source: { own: mapper.free.take()! }, destination: { granter, reference } };
  expect(ruleOf(copyGrants(mapper, [copy])[0])).toBe('one-type');
  expect(ruleOf(mapGrants(mapper, [{ granter, reference, writable: false }])[0])).toBe('granted');
});

it('one batch is one hypercall, and each request has a result of its own', () => {
  const { granter, mapper, references } = pairOf('insert', 'insert');
  const good = ok(references.grantAccess(mapper, granter.free.take()!, 'write'));
  const readOnly = ok(references.grantAccess(mapper, granter.free.take()!, 'read'));
  const results = mapGrants(mapper, [
    { granter, reference: readOnly, writable: true },
    { granter, reference: good, writable: true },
    { granter, reference: readOnly, writable: false },
  ]);
  expect(results.map(ruleOf)).toEqual(['read-only', 'granted', 'granted']);
  expect(mapper.account.count('grantOperation')).toBe(1);
  const mapped = granted(results);
  expect(unmapGrants(mapper, [...mapped, mapped[0]]).map(ruleOf)).toEqual(['granted', 'granted', 'mapped']);
  expect(mapper.account.count('grantOperation')).toBe(2);
  expect(mapper.account.count('hypercall')).toBe(0);
  expect(audit(mapper.host)).toEqual([]);
});

describe('unmapping', () => {
  it('purges what was inserted, and nothing for a page that the CPU never touched', () => {
    const { granter, mapper, references } = pairOf('insert', 'insert');
    const requests = [0, 1, 2].map(() => ({
      granter,
      reference: ok(references.grantAccess(mapper, granter.free.take()!, 'read')),
      writable: false,
    }));
    const mapping = ok(mapGrantedPages(mapper, requests, 0));
    mapping.read(1);
    const before = mapper.account.count('purge');
    mapping.unmap();
    expect(mapper.account.count('purge') - before).toBe(1);
    expect(audit(granter.host)).toEqual([]);
  });

  it.each([
    [1, 1],
    [32, 1],
    [33, 2],
  ])('of %i pages flushes %i times where the hypervisor flushes every 32', (pages, flushes) => {
    const { granter, mapper, references } = pairOf('insert', 'insert', { rules: XEN_4_17_X86_PV });
    const reference = ok(references.grantAccess(mapper, granter.free.take()!, 'read'));
    const mapped = mapGrants(
      mapper,
      Array.from({ length: pages }, () => ({ granter, reference, writable: false })),
    ).map(ok);
    unmapGrants(mapper, mapped);
    expect(mapper.account.count('flushAll')).toBe(flushes);
  });

  it('is done for a mapper that is destroyed', () => {
    const { granter, mapper, references } = pairOf('p2m', 'p2m');
    const reference = ok(references.grantAccess(mapper, granter.free.take()!, 'write'));
    ok(mapGrantedPages(mapper, [{ granter, reference, writable: true }], 0)).read(0);
    expect(destroyDomain(mapper, granter.builder)).toBe(null);
    expect(references.endAccess(reference)).toBe(null);
    expect(audit(granter.host)).toEqual([]);
  });
});

describe('a P==M mapper', () => {
  it('restricted: has the page above all memory, with a page of descriptors made once', () => {
    const { granter, mapper, references } = pairOf('insert', 'direct');
    const requests = [0, 1].map(() => ({
      granter,
      reference: ok(references.grantAccess(mapper, granter.free.take()!, 'read')),
      writable: false,
    }));
    const free = mapper.free.count;
    for (const firstPage of [0, 8]) {
      const mapping = ok(mapGrantedPages(mapper, requests, firstPage));
      expect(mapper.account.count('pageDescriptors')).toBe(1);
      expect(mapper.descriptors!.frames).toHaveLength(1);
      mapping.unmap();
    }
    expect(free - mapper.free.count).toBe(1 + mapper.pageTable.tablePfns.length);
    const [{ frame }] = mapGrants(mapper, [requests[0]]).map(ok);
    expect(frame).toBeGreaterThanOrEqual(256);
  });

  it('trusted: names the frame itself; the grant holds a reference until it is unmapped, and nothing is entered', () => {
    const { granter, mapper, references } = pairOf('insert', 'direct', { access: 'trusted' });
    const pfn = granter.free.take()!;
    const reference = ok(references.grantAccess(mapper, pfn, 'write'));
    const grants = mapGrants(mapper, [{ granter, reference, writable: true }]).map(ok);
    const mfn = granter.model.machineFrame(pfn);
    const { frames } = granter.host;
    expect(grants.map(({ frame }) => frame)).toEqual([mfn]);
    expect([frames.references(mfn), mapper.foreign.canWrite(mfn)]).toEqual([2, true]);
    expect(mapper.account.count('foreignEnter')).toBe(0);
    expect(audit(granter.host)).toEqual([]);
    expect(unmapGrants(mapper, grants)).toEqual([null]);
    expect([frames.references(mfn), mapper.foreign.size]).toEqual([1, 0]);
    expect(audit(granter.host)).toEqual([]);
  });
});

describe('a copy', () => {
  it.each(MODELS)('by a %s domain moves contents both ways, maps nothing, and is seen by log-dirty', (model) => {
    const { granter, mapper, references } = pairOf('insert', model);
    const [out, back] = [granter.free.take()!, granter.free.take()!];
    const local = mapper.free.take()!;
    granter.writeKernel(out);
    const source = ok(references.grantAccess(mapper, out, 'read'));
    const destination = ok(references.grantAccess(mapper, back, 'write'));
    beginLogDirty(mapper, granter, () => {});
    const results = copyGrants(mapper, [
      { source: { granter, reference: source }, destination: { own: local } },
      { source: { own: local }, destination: { granter, reference: destination } },
      { source: { own: local }, destination: { granter, reference: source } },
    ]);
    expect(results.map(ruleOf)).toEqual(['granted', 'granted', 'read-only']);
    expect(granter.dirtyLog!.dirty()).toEqual([back]);
    expect(granter.readKernel(back)).toBe(granter.log.stamp(out));
    expect(mapper.readKernel(local)).toBe(granter.log.stamp(out));
    expect(mapper.account.count('grantOperation')).toBe(1);
    expect(mapper.account.count('pageCopy')).toBe(2);
    expect(mapper.foreign.size).toBe(0);
    expect(references.endAccess(source)).toBe(null);
  });

  it('follows a grant that was passed on once, for copies only, and within its rights', () => {
    const { granter, mapper, references } = pairOf('insert', 'insert', { version: 2 });
    const third = domainOn(granter.host, 'third', 'p2m', 32);
    const passing = ok(GrantReferences.open(mapper, 2));
    const pfn = granter.free.take()!;
    granter.writeKernel(pfn);
    const first = ok(references.grantAccess(mapper, pfn, 'read'));
    const passed = ok(passing.passOn(third, { granter, reference: first }, 'write'));
    const own = third.free.take()!;
    const end = { granter: mapper, reference: passed };
    expect(copyGrants(third, [{ source: end, destination: { own } }])).toEqual([null]);
    expect(third.readKernel(own)).toBe(granter.log.stamp(pfn));
    expect(ruleOf(copyGrants(third, [{ source: { own }, destination: end }])[0])).toBe('read-only');
    expect(ruleOf(mapGrants(third, [{ ...end, writable: false }])[0])).toBe('copy-only');
    expect(ruleOf(copyGrants(mapper, [{ source: end, destination: { own: mapper.free.take()! } }])[0])).toBe(
      'granted-to',
    );
    references.endAccess(first);
    expect(ruleOf(copyGrants(third, [{ source: end, destination: { own } }])[0])).toBe('granted');
  });
});

describe('a page flip', () => {
  it.each(['p2m', 'insert'] as const)('gives a frame with its contents to a %s domain, which has it alone', (model) => {
    const { granter, mapper, references } = pairOf(model, 'p2m');
    const place = ok(granter.balloon.out());
    const pfn = mapper.free.take()!;
    mapper.writeKernel(pfn);
    const mfn = mapper.model.machineFrame(pfn);
    const stamp = mapper.log.stamp(pfn);
    const reference = ok(references.awaitFrame(mapper, place));
    expect(transferFrames(mapper, [{ pfn, to: granter, reference }])).toEqual([null]);
    expect(granter.host.frames.owner(mfn)).toBe(granter.id);
    expect(references.endTransfer(reference)).toBe(place);
    expect(granter.readKernel(place)).toBe(stamp);
    expect(audit(granter.host)).toEqual([]);
    expect(ruleOf(transferFrames(mapper, [{ pfn, to: granter, reference }])[0])).toBe('own-memory');
    expect(mapper.balloon.in(pfn)).toBe(null);
    expect(audit(granter.host)).toEqual([]);
  });

  it.each([
    ['to', 'direct', 'insert'],
    ['from', 'insert', 'direct'],
  ] as const)('%s a P==M domain is refused, and the frame stays where it was', (_way, to, from) => {
    const { granter, mapper, references } = pairOf(to, from);
    const place = ok(granter.balloon.out());
    const pfn = mapper.free.take()!;
    const reference = ok(references.awaitFrame(mapper, place));
    const [refusal] = transferFrames(mapper, [{ pfn, to: granter, reference }]);
    expect(refusal).toMatchObject({ operation: 'transfer', model: 'direct', rule: 'pfn-is-mfn' });
    expect(references.endTransfer(reference)).toBe(null);
    expect(audit(granter.host)).toEqual([]);
  });

  it('is refused for a frame that is mapped, and at a place that has memory', () => {
    const { granter, mapper, references } = pairOf('insert', 'insert');
    const back = ok(GrantReferences.open(mapper));
    const pfn = mapper.free.take()!;
    const granted = ok(back.grantAccess(granter, pfn, 'read'));
    const [mapped] = mapGrants(granter, [{ granter: mapper, reference: granted, writable: false }]).map(ok);
    const place = ok(granter.balloon.out());
    const reference = ok(references.awaitFrame(mapper, place));
    expect(ruleOf(transferFrames(mapper, [{ pfn, to: granter, reference }])[0])).toBe('not-referenced');
    unmapGrants(granter, [mapped]);
    expect(granter.balloon.in(place)).toBe(null);
    expect(ruleOf(transferFrames(mapper, [{ pfn, to: granter, reference }])[0])).toBe('place-empty');
    expect(audit(granter.host)).toEqual([]);
  });
});

describe('what the hypervisor of a date does not have is a finding', () => {
  const operations = (rules: typeof XEN_4_17): string[] => {
    const { granter, mapper, references } = pairOf('insert', 'insert', { rules });
    const reference = ok(references.grantAccess(mapper, granter.free.take()!, 'read'));
    const place = ok(granter.balloon.out());
    const waiting = ok(references.awaitFrame(mapper, place));
    return [
      mapGrants(mapper, [{ granter, reference, writable: false }])[0],
      copyGrants(mapper, [{ source: { granter, reference }, destination: { own: mapper.free.take()! } }])[0],
      transferFrames(mapper, [{ pfn: mapper.free.take()!, to: granter, reference: waiting }])[0],
    ].map(ruleOf);
  };

  it('Xen/ia64 of January 2006: map and transfer are stubs, and there is no copy', () => {
    expect(operations(XEN_IA64_JANUARY_2006)).toEqual(['grant-map', 'grant-copy', 'grant-transfer']);
  });

  it('Xen/ia64 of August 2006 has all three', () => {
    expect(operations(XEN_IA64_AUGUST_2006)).toEqual(['granted', 'granted', 'granted']);
  });

  it('a platform without grants has no tables', () => {
    const host = hostOf(platformOf([[0, 64]]));
    expect(ruleOf(GrantReferences.open(domainOn(host, 'domain', 'insert', 16)))).toBe('grant-tables');
  });
});
