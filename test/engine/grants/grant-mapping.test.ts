import { describe, expect, it } from 'vitest';
import { GrantReferences, audit } from '../../../engine/index.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { XEN_4_17, XEN_4_17_X86_PV, type GrantRules } from '../../../engine/grants/rules.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';
import { ok } from './support.js';

/** A P2M domain maps pages, reads each, and unmaps them: what that counts of updates and flushes. */
const mappedAndUnmapped = (pages: number, grants: GrantRules) => {
  const host = hostOf(radixPlatformOf([[0, 4096]], { scheme: radixScheme(), grants }));
  const [granter, mapper] = ['granter', 'mapper'].map((name) => domainOn(host, name, 'p2m', 256));
  const references = ok(GrantReferences.open(granter));
  const requests = Array.from({ length: pages }, () => {
    const pfn = granter.free.take()!;
    granter.writeKernel(pfn);
    return { granter, reference: ok(references.grantAccess(mapper, pfn, 'write')), writable: true };
  });
  const map = () => ok(mapGrantedPages(mapper, requests, 0));
  map().unmap();
  const events = ['pageUpdate', 'pageFlush', 'spaceFlush'] as const;
  const before = events.map((event) => mapper.account.count(event));
  const mapping = map();
  requests.forEach((_, index) => mapping.read(index));
  mapping.unmap();
  expect(audit(host)).toEqual([]);
  return events.map((event, index) => mapper.account.count(event) - before[index]);
};

describe('a P2M domain that maps and unmaps granted pages', () => {
  it.each([1, 32, 33, 64])(
    'on x86 has the hypervisor store %i entries with the grants, and the TLB flushed once for each 32 of them',
    (pages) => {
      expect(mappedAndUnmapped(pages, XEN_4_17_X86_PV)).toEqual([0, 0, Math.ceil(pages / 32)]);
    },
  );

  it('where the hypervisor flushes nothing, has each entry updated and each page flushed by itself', () => {
    expect(mappedAndUnmapped(5, XEN_4_17)).toEqual([10, 5, 0]);
  });
});
