import { describe, expect, it } from 'vitest';
import { type Domain, type Host, Mechanism, audit, isFinding } from '../../../engine/index.js';
import { countReachable } from '../../../engine/audit/audit.js';
import { FOREIGN_PAGES, mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { FrameState } from '../../../engine/host/frame-table.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { makeEntry } from '../../../engine/host/entry.js';
import { beginLogDirty } from '../../../engine/operations/log-dirty.js';
import { domainOn, hostOf, platformOf, vhptMmuOf } from '../support.js';

interface Scene {
  readonly host: Host;
  readonly control: Domain;
  readonly guest: Domain;
}

const scene = (control: 'direct' | 'p2m' | 'insert' = 'insert', guest: 'direct' | 'p2m' | 'insert' = 'p2m'): Scene => {
  const host = hostOf(platformOf([[0, 128]]));
  const built = {
    host,
    control: domainOn(host, 'control', control, 32, { access: 'restricted' }),
    guest: domainOn(host, 'guest', guest, 32, { access: 'restricted' }),
  };
  built.guest.mapPage(3, built.guest.free.take()!, true);
  built.guest.writePage(3);
  expect(audit(host)).toEqual([]);
  return built;
};

const rulesOf = (host: Host): string[] => [...new Set(audit(host).map(({ rule }) => rule))];
const firstFrame = ({ guest }: Scene) => guest.model.machineFrame(guest.model.ownedFrames()[5]);

describe('the audit catches each rule when it is broken on purpose', () => {
  it('rule 1: an m2p entry that is not the inverse of the p2m', () => {
    const at = scene();
    at.host.frames.setGuestFrame(firstFrame(at), asPfn(9999));
    expect(rulesOf(at.host)).toContain('ownership');
  });

  it('rule 1: a frame that the frame table gives to another domain', () => {
    const at = scene();
    at.host.frames.setState(firstFrame(at), FrameState.owned, at.control.id);
    expect(rulesOf(at.host)).toContain('ownership');
  });

  it('rule 2: a frame of a direct domain at another guest frame', () => {
    const at = scene('insert', 'direct');
    const mfn = firstFrame(at);
    at.host.frames.setGuestFrame(mfn, asPfn(mfn + 1));
    expect(rulesOf(at.host)).toContain('identity');
  });

  it.each(['TLB', 'VHPT'] as const)('rule 3: a %s entry that reaches a frame of another domain', (where) => {
    const at = scene();
    const rid = at.control.rid(Region.user);
    if (where === 'TLB') vhptMmuOf(at.control).tlb.insert(rid, 77, firstFrame(at), 0, false);
    else vhptMmuOf(at.control).vhpt.insert(rid, 77, firstFrame(at), false);
    expect(audit(at.host).some(({ rule, detail }) => rule === 'reach' && detail.includes(where))).toBe(true);
  });

  it('rule 3: an entry that lets a domain write a frame that it was given to read', () => {
    const at = scene();
    const mapping = mapForeign(at.control, at.guest, [asPfn(5)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    mapping.read(0);
    expect(audit(at.host)).toEqual([]);
    const mmu = vhptMmuOf(at.control);
    mmu.tlb.writable[mmu.tlb.find(at.control.rid(Region.user), FOREIGN_PAGES)] = 1;
    expect(rulesOf(at.host)).toContain('reach');
  });

  it('rule 3: trusted is counted, not reported', () => {
    const host = hostOf(platformOf([[0, 128]]));
    const control = domainOn(host, 'control', 'direct', 32, { access: 'trusted' });
    const guest = domainOn(host, 'guest', 'insert', 20);
    const mapping = mapForeign(control, guest, [asPfn(4)], { writable: false, firstPage: 0 });
    if ('rule' in mapping) throw new Error(mapping.detail);
    mapping.read(0);
    expect(audit(host)).toEqual([]);
    expect(countReachable(host).get('control')).toBe(20);
  });

  it('rule 4: a reference too many, and a type that nobody holds', () => {
    const references = scene();
    references.host.frames.addReferences(firstFrame(references), 1);
    expect(rulesOf(references.host)).toEqual(['counts']);
    const types = scene();
    types.host.frames.takeType(firstFrame(types), 1);
    expect(rulesOf(types.host)).toEqual(['counts']);
  });

  it('rule 4: a page table that is writable at once is never let through', () => {
    const at = scene();
    const table = at.guest.pageTable.tablePfns[0];
    const mapping = mapForeign(at.control, at.guest, [table], { writable: true, firstPage: 0 });
    expect(mapping).toMatchObject({ rule: 'one-type', operation: 'map foreign' });
    expect(audit(at.host)).toEqual([]);
  });

  it('rule 5: an entry changed without its purge', () => {
    const at = scene();
    const other = at.guest.free.take()!;
    at.guest.pageTable.write(3, makeEntry(at.guest.model.frameForEntry(other, Mechanism.work), true));
    expect(rulesOf(at.host)).toContain('coherence');
  });

  it('rule 5: log-dirty begun without the flush', () => {
    const at = scene();
    const flush = at.guest.mmu.flush.bind(at.guest.mmu);
    at.guest.mmu.flush = () => {};
    beginLogDirty(at.control, at.guest, () => {});
    expect(rulesOf(at.host)).toEqual(['coherence']);
    flush(Mechanism.logging);
    expect(audit(at.host)).toEqual([]);
  });

  it('rule 6: contents that the guest did not write', () => {
    const at = scene();
    at.host.frames.setContents(firstFrame(at), 123_456);
    expect(audit(at.host)).toEqual([
      { rule: 'contents', detail: expect.stringContaining('not what the guest last wrote') },
    ]);
  });

  it('rule 6: a frame given back without a scrub', () => {
    const at = scene();
    const free = at.host.heap.allocate(0);
    at.host.heap.free(free, 0);
    expect(at.host.frames.state(free)).toBe(FrameState.free);
    at.host.frames.setContents(free, 77);
    expect(audit(at.host)).toEqual([
      { rule: 'contents', detail: `frame 0x${free.toString(16)} is free and was not scrubbed` },
    ]);
  });

  it('rule 7: a frame that is in the heap and owned at once', () => {
    const at = scene();
    at.host.heap.allocate(0);
    expect(rulesOf(at.host)).toEqual(['conservation']);
  });
});
