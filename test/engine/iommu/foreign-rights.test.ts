import { expect, it } from 'vitest';
import { GrantReferences, audit, isFinding } from '../../../engine/index.js';
import { mapGrants, unmapGrants } from '../../../engine/grants/map-grants.js';
import { XEN_4_17 } from '../../../engine/grants/rules.js';
import { deviceOf, hostWith, iommuOf, must } from '../devices/support.js';
import { domainOn } from '../support.js';

it.each(['before', 'after'] as const)(
  'a frame of another that a domain has at two places, one to read, is written by its device at the other alone: a device that came %s them',
  (when) => {
    const host = hostWith([[0, 512]]);
    const driver = domainOn(host, 'driver', 'insert', 60);
    const guest = domainOn(host, 'guest', 'insert', 40);
    const assign = () => deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    const early = when === 'before' ? assign() : null;
    const mfn = guest.model.machineFrame(guest.free.take()!);
    const [toRead] = must(driver.model.mapForeign([mfn], false, 'grant'));
    const [toWrite] = must(driver.model.mapForeign([mfn], true, 'grant'));
    const device = early ?? assign();
    const reaches = (page: number, write: boolean): boolean => !isFinding(device.reach(page * 4096, write));
    expect([reaches(toRead, false), reaches(toRead, true), reaches(toWrite, true)]).toEqual([true, false, true]);
    driver.model.unmapForeign([toWrite], true, 'grant');
    expect([reaches(toRead, false), reaches(toRead, true), reaches(toWrite, false)]).toEqual([true, false, false]);
    expect(device.reach(toRead * 4096, false)).toBe(mfn);
    driver.model.unmapForeign([toRead], false, 'grant');
    expect(audit(host)).toEqual([]);
  },
);

it.each([
  ['trusted', 'before'],
  ['trusted', 'after'],
  ['restricted', 'before'],
] as const)(
  'a device of a %s P==M domain behind an IOMMU of own frames, assigned %s the map, reaches a granted frame at its own number, as far as the grant goes and as long as it is mapped',
  (access, when) => {
    const host = hostWith([[0, 1024]], 0, { grants: XEN_4_17 });
    const driver = domainOn(host, 'driver', 'direct', 128, { access });
    const guest = domainOn(host, 'guest', 'insert', 64);
    const assign = () => deviceOf(driver, 64, { iommu: iommuOf(host), holds: 'own' });
    const early = when === 'before' ? assign() : null;
    const references = must(GrantReferences.open(guest));
    const pages = (['read', 'write'] as const).map((right) => {
      const pfn = guest.free.take()!;
      const reference = must(references.grantAccess(driver, pfn, right));
      return { mfn: guest.model.machineFrame(pfn), granter: guest, reference, writable: right === 'write' };
    });
    const grants = mapGrants(driver, pages).map(must);
    const device = early ?? assign();
    const rights = (): boolean[] =>
      pages.flatMap(({ mfn }) => [false, true].map((write) => device.reach(mfn * 4096, write) === mfn));
    expect(rights()).toEqual([true, false, true, true]);
    expect(audit(host)).toEqual([]);
    unmapGrants(driver, grants);
    expect(rights()).toEqual([false, false, false, false]);
    expect(audit(host)).toEqual([]);
  },
);
