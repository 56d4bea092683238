import { expect, it } from 'vitest';
import { audit, isFinding } from '../../../engine/index.js';
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
