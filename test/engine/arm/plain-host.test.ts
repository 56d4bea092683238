import { describe, expect, it } from 'vitest';
import { audit, isFinding, restoreDomain, saveDomain } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import type { Domain } from '../../../engine/domain/domain.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import type { ModelOptions } from '../../../engine/models/model.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const GRANTS = { version: 1, tableFrames: 4, maptrackFrames: 4, map: true, transfer: true, copy: true } as const;

const setUp = (options: ModelOptions = {}): { driver: Domain; guest: Domain; other: Domain } => {
  const scheme = radixScheme({ identityStage: true });
  const host = hostOf(radixPlatformOf([[0, 2048]], { scheme, grants: GRANTS }));
  const driver = domainOn(host, 'driver', 'direct', 256, options);
  return { driver, guest: domainOn(host, 'guest', 'nested', 128), other: domainOn(host, 'other', 'direct', 64) };
};

const must = <Result>(result: Result): Exclude<Result, { readonly rule: string }> => {
  if (isFinding(result)) throw new Error(`${result.rule}: ${result.detail}`);
  return result as Exclude<Result, { readonly rule: string }>;
};

describe('P==M on a platform where every domain is behind a second stage', () => {
  it('maps each of its frames at its own number, and no other', () => {
    const { driver, other } = setUp();
    const own = driver.model.ownedFrames();
    for (const pfn of own) expect(driver.model.secondStage!.machineFrame(pfn)).toBe(pfn);
    for (const pfn of other.model.ownedFrames()) expect(driver.model.frameBehindEntry(pfn)).toBe(-1);
    expect(audit(driver.host)).toEqual([]);
  });

  it('walks both dimensions', () => {
    const { driver } = setUp();
    driver.writeKernel(driver.model.ownedFrames()[10]);
    expect(driver.account.count('secondStageReference')).toBeGreaterThan(0);
  });

  it('is not trusted, whatever its options say: it reaches what it was given, where own memory was', () => {
    const { driver, guest } = setUp({ access: 'trusted' });
    const before = driver.free.count;
    const mapping = must(mapForeign(driver, guest, [asPfn(3)], { writable: true, firstPage: 0 }));
    expect(driver.model.isTrusted).toBeUndefined();
    const places = driver.model.ownedFrames().filter((pfn) => driver.model.frameBehindEntry(pfn) !== (pfn as number));
    expect(places).toHaveLength(1);
    expect(driver.model.frameBehindEntry(places[0])).toBe(guest.model.machineFrame(asPfn(3)));
    expect(audit(driver.host)).toEqual([]);
    mapping.unmap();
    expect(driver.model.frameBehindEntry(places[0])).toBe(places[0]);
    expect(driver.free.count).toBeGreaterThanOrEqual(before - driver.tablePfns.length);
    expect(audit(driver.host)).toEqual([]);
  });

  it.each([
    ['that holds its places balloons them out once', true, 1],
    ['that does not balloons them out and in again each time', false, 6],
  ])('a program %s', (_title, holds, operations) => {
    const { driver, guest } = setUp();
    const grants = must(GrantReferences.open(guest));
    const requests = [1, 2, 3, 4].map((pfn) => ({
      granter: guest,
      reference: must(grants.grantAccess(driver, asPfn(pfn), 'write')),
      writable: true,
    }));
    if (holds) driver.model.holdPlaces!();
    for (let count = 0; count < 3; count += 1) must(mapGrantedPages(driver, requests, 0)).unmap();
    expect(driver.account.count('memoryOperation')).toBe(operations);
    expect(driver.model.emptyPlaces()).toHaveLength(holds ? 4 : 0);
    expect(audit(driver.host)).toEqual([]);
  });

  it('takes back what it had ballooned out before it went to disk, and has it among its memory', () => {
    const { guest } = setUp();
    const { host } = guest;
    const small = domainOn(host, 'small', 'direct', 32, { ballooned: 'released' });
    const released = Array.from({ length: 12 }, () => must(small.balloon.out()));
    const saved = must(saveDomain({ guest: small, control: guest, diskBytesPerSecond: 1e8, keepsFrames: true }));
    const { guest: back } = must(restoreDomain(saved, { control: guest, diskBytesPerSecond: 1e8 }));
    expect(back.model.ownedFrames()).toHaveLength(20);
    // Tables of its second stage are in some of them.
    const out = released.find((pfn) => host.heap.isFree(asMfn(pfn)))!;
    expect(back.balloon.in(out)).toBe(null);
    expect(back.model.ownedFrames()).toHaveLength(21);
    expect(back.model.ownedFrames()).toContain(out);
    expect(audit(host)).toEqual([]);
  });

  it('cannot come where one of its frames is taken', () => {
    const { driver, guest } = setUp();
    const target = hostOf(driver.host.simulation.platform, 'target');
    const taken = domainOn(target, 'taken', 'direct', 64);
    const refusal = driver.model.refusesMove({
      name: target.name,
      isFree: (mfn) => target.heap.isFree(mfn),
      describeOwner: (mfn) => target.describeOwner(mfn),
    });
    expect(refusal).toMatchObject({ operation: 'migrate', rule: 'same-frames-free' });
    expect(taken.model.ownedFrames()).toContain(driver.model.ownedFrames()[0]);
    expect(isFinding(saveDomain({ guest: driver, control: guest, diskBytesPerSecond: 1e8, keepsFrames: true }))).toBe(
      false,
    );
  });
});
