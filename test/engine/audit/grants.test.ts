import { describe, expect, it } from 'vitest';
import { audit } from '../../../engine/index.js';
import { GrantType } from '../../../engine/grants/entry-layout.js';
import { mapGrants } from '../../../engine/grants/map-grants.js';
import { ok, pairOf } from '../grants/support.js';

const scene = () => {
  const { granter, mapper, references } = pairOf('p2m', 'insert');
  const pfn = granter.free.take()!;
  const reference = ok(references.grantAccess(mapper, pfn, 'write'));
  const [{ handle }] = mapGrants(mapper, [{ granter, reference, writable: true }]).map(ok);
  expect(audit(granter.host)).toEqual([]);
  return {
    mfn: granter.model.machineFrame(pfn),
    table: references.table,
    entry: { type: GrantType.access, readOnly: false, grantee: mapper.id, frame: 0, through: 0 },
    granter,
    mapper,
    reference,
    handle,
    faults: () =>
      audit(granter.host)
        .filter(({ rule }) => rule === 'grants')
        .map(({ detail }) => detail),
  };
};

describe('the audit finds what is wrong with grants', () => {
  it('a mapping that its entry does not grant any more', () => {
    const at = scene();
    at.table.store(at.reference, { ...at.entry, readOnly: true });
    expect(at.faults()[0]).toContain('does not grant it');
    at.table.store(at.reference, { ...at.entry, grantee: at.granter.id });
    expect(at.faults()[0]).toContain('does not grant it');
  });

  it('a mapping that is not counted, and one that is shown and not there', () => {
    const at = scene();
    at.table.unpin(at.reference, true);
    expect(at.faults().join()).toContain('counts 0 readers and 0 writers, a walk finds 0 and 1');
    const other = scene();
    other.table.pin(other.reference, other.mfn, false);
    expect(other.faults()).toEqual([expect.stringContaining('counts 1 readers and 1 writers, a walk finds 0 and 1')]);
  });

  it('use that the entry does not show', () => {
    const at = scene();
    at.table.store(at.reference, at.entry);
    expect(at.faults()).toEqual([expect.stringContaining('shows use 0, a walk finds 24')]);
  });

  it('a handle without its right, and a right without its handle', () => {
    const at = scene();
    at.mapper.grants!.maptrack.remove(at.handle);
    expect(at.faults().join()).toContain('holds 1 rights by grants');
    const other = scene();
    other.mapper.foreign.remove(other.mfn, true, 'grant');
    expect(other.faults()).toEqual([expect.stringContaining('holds 0 rights by grants')]);
  });

  it('a mapped frame that went to another owner', () => {
    const at = scene();
    at.granter.host.frames.setState(at.mfn, at.granter.host.frames.state(at.mfn), at.mapper.id);
    expect(at.faults()).toEqual([expect.stringContaining('which is not of granter')]);
  });

  it('table frames that the hypervisor does not keep', () => {
    const at = scene();
    at.granter.host.hypervisor.release(at.granter.id, at.granter.account);
    expect(at.faults()).toEqual(['granter has 0 frames kept for its grant table']);
  });
});
