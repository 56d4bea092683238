import { describe, expect, it } from 'vitest';
import {
  asPfn,
  audit,
  buildDomain,
  isFinding,
  migrate,
  reliableLink,
  Host,
  restartCrashed,
  restoreCheckpoint,
  saveCheckpoint,
  takeDownCrashed,
} from '../../../engine/index.js';
import { beginLogDirty, peekDirty } from '../../../engine/operations/log-dirty.js';
import { domainOn, hostOf, platformOf, radixPlatformOf, radixScheme } from '../support.js';

/** 64 entries a page: 512 bytes a page of 8-byte words. */
const guestP2m = { entryBytes: 8 };
const radix = (frames: number) => radixPlatformOf([[0, frames]], { scheme: radixScheme(), guestP2m });

describe('the array of a P2M guest', () => {
  it('is in frames of the guest that it never gives out, a word for each page up to its highest', () => {
    for (const platform of [radix(1024), platformOf([[0, 1024]], { guestP2m: { entryBytes: 256 } })]) {
      const host = hostOf(platform);
      const domain = domainOn(host, 'guest', 'p2m', 200);
      expect(domain.p2mPfns).toHaveLength(4);
      expect(domain.model.ownedFrames()).toHaveLength(200);
      const kernel = domain.kernelMapping?.tablePfns.length ?? 0;
      expect(domain.free.count).toBe(200 - 4 - kernel);
      for (const pfn of domain.p2mPfns) expect(domain.free.copy()).not.toContain(pfn);
      expect(audit(host)).toEqual([]);
    }
  });

  it.each(['direct', 'nested'] as const)('is not there under %s', (model) => {
    expect(domainOn(hostOf(radix(2048)), 'domain', model, 200).p2mPfns).toEqual([]);
  });

  it('has to find room in the guest', () => {
    const host = hostOf(radixPlatformOf([[0, 64]], { scheme: radixScheme(), guestP2m: { entryBytes: 512 } }));
    const builder = host.simulation.ledger.account('builder');
    const built = buildDomain(host, { name: 'guest', model: 'p2m', builder }, 16);
    expect(built).toMatchObject({ operation: 'build', rule: 'room-for-p2m' });
    expect([host.heap.freeFrames, audit(host)]).toEqual([64, []]);
  });

  it('goes with the guest: to another host, into a checkpoint, and through a restart', () => {
    const source = hostOf(radix(4096));
    const target = new Host('target', source.simulation);
    const control = domainOn(source, 'control', 'p2m', 3000);
    const targetControl = domainOn(target, 'target control', 'p2m', 3000);
    const guest = domainOn(source, 'guest', 'p2m', 200);
    const { p2mPfns } = guest;
    const moved = migrate({ guest, control, targetControl, link: reliableLink(source.simulation.platform.link) });
    if (isFinding(moved)) throw new Error(moved.detail);
    const arrived = [...target.domains.values()].find(({ name }) => name === 'guest')!;
    expect(arrived.p2mPfns).toEqual(p2mPfns);
    const { platform } = source.simulation;
    const again = restoreCheckpoint(saveCheckpoint(source.simulation), { platform }).hosts[1];
    expect(again.domains.get(arrived.id)!.p2mPfns).toEqual(p2mPfns);
    const crashed = takeDownCrashed(arrived, targetControl.account);
    if (isFinding(crashed)) throw new Error(crashed.detail);
    const restarted = restartCrashed(crashed, targetControl.account);
    if (isFinding(restarted)) throw new Error(restarted.detail);
    expect(restarted.p2mPfns).toEqual(p2mPfns);
    expect([audit(source), audit(target), audit(again)]).toEqual([[], [], []]);
  });

  it('is dirty where an entry of it is stored: a page that is ballooned out while writes are logged', () => {
    const host = hostOf(radix(2048));
    const control = domainOn(host, 'control', 'p2m', 200);
    const guest = domainOn(host, 'guest', 'p2m', 200);
    expect(beginLogDirty(control, guest, () => {})).toBeNull();
    const pfn = asPfn(130);
    expect(guest.free.takeThat((each) => each === pfn)).toBe(pfn);
    expect(guest.balloon.release(pfn)).toBe(pfn);
    // Entries 128 to 191 are in the third page of the array.
    expect(peekDirty(control, guest).has(guest.p2mPfns[2])).toBe(true);
    expect(peekDirty(control, guest).has(guest.p2mPfns[1])).toBe(false);
    expect(audit(host)).toEqual([]);
  });
});
