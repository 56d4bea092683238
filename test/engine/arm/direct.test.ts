import { describe, expect, it } from 'vitest';
import { type Domain, asPfn, audit, beginLogDirty, isFinding, saveDomain } from '../../../engine/index.js';
import { asMfn } from '../../../engine/host/frame-number.js';
import { bootControlDomain } from '../../../engine/arm/control-domain.js';
import {
  bootDomain0,
  buildGuest,
  growBack,
  mapRings,
  recordedHost,
  shrink,
} from '../../../validation/scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from '../../../validation/predictions/counts-only-platform.js';
import { Region } from '../../../engine/mmu/mmu.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { destroyDomain } from '../../../engine/operations/destroy.js';

const built = (domain: ReturnType<typeof buildGuest>): Domain => {
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

const STATIC = [{ start: 0x7000_0000, end: 0x7400_0000 }];

describe('a direct-mapped guest on Arm', () => {
  it('without static memory is refused by name', () => {
    const arm = recordedHost(1024, STATIC);
    const { host } = arm;
    const refused = buildGuest(arm, 'other guest', 64 * PAGES_A_MEBIBYTE, 'direct');
    expect(refused).toMatchObject({ rule: 'static-memory', detail: expect.stringContaining('other guest') });
    expect(host.domains.size).toBe(0);
    expect(audit(host)).toEqual([]);
  });

  it('with static memory of another sum is refused', () => {
    const arm = recordedHost(1024, STATIC);
    expect(buildGuest(arm, 'static guest', 32 * PAGES_A_MEBIBYTE, 'direct')).toMatchObject({
      rule: 'static-memory-size',
    });
  });

  it('has its static memory at its own addresses, gives it back to the reserve, and may have it again', () => {
    const arm = recordedHost(1024, STATIC);
    const { host } = arm;
    const free = host.heap.freeFrames;
    for (let time = 0; time < 2; time += 1) {
      const guest = built(buildGuest(arm, 'static guest', 64 * PAGES_A_MEBIBYTE, 'direct'));
      expect(guest.model.ownedFrames()[0]).toBe(0x7000_0000 / 4096);
      expect(audit(host)).toEqual([]);
      expect(destroyDomain(guest, guest.builder)).toBeNull();
      expect(host.heap.freeFrames).toBe(free);
      expect(audit(host)).toEqual([]);
    }
  });
});

describe('domain0 on Arm', () => {
  it('cannot be moved: there is no log-dirty and no save', () => {
    const domain0 = built(bootDomain0(recordedHost(1024), 256));
    const target = { name: 'target', isFree: () => true, describeOwner: () => 'free' };
    expect(domain0.model.refusesMove(target)).toMatchObject({
      operation: 'migrate',
      rule: 'no-migration-on-arm',
    });
  });

  it.each(['direct', 'nested'] as const)('neither saves nor logs the writes of a guest: %s', (model) => {
    const arm = recordedHost(1024, STATIC);
    const control = built(bootDomain0(arm, 256));
    const guest = built(buildGuest(arm, 'static guest', 64 * PAGES_A_MEBIBYTE, model));
    const rule = 'no-migration-on-arm';
    expect(saveDomain({ guest, control, diskBytesPerSecond: 1e9 })).toMatchObject({ operation: 'save', rule });
    expect(beginLogDirty(control, guest, () => {})).toMatchObject({ operation: 'log dirty', rule });
    expect(guest.dirtyLog).toBeNull();
    expect(arm.host.domains.has(guest.id)).toBe(true);
  });

  it('cannot reach a frame that it has ballooned out and keeps', () => {
    const domain0 = built(bootDomain0(recordedHost(1024), 256));
    const pfn = domain0.balloon.out();
    if (isFinding(pfn)) throw new Error(pfn.detail);
    expect(domain0.model.machineFrame(pfn)).toBe(pfn);
    expect(domain0.mmu.access(Region.kernel, pfn, false)).toMatchObject({ rule: 'in-the-second-stage' });
  });

  it('released and not kept, gives frames to the heap, and gets back only those that nobody took', () => {
    const arm = recordedHost(1024);
    const domain0 = built(bootControlDomain(arm, 256 * PAGES_A_MEBIBYTE, [], { ballooned: 'released' }));
    const before = arm.host.heap.freeFrames;
    shrink(domain0, 1024);
    expect(arm.host.heap.freeFrames).toBe(before + 1024 - 2);
    built(buildGuest(arm, 'guest', 16));
    const taken = domain0.balloon.frames.filter((pfn) => !arm.host.heap.isFree(asMfn(pfn)));
    expect(taken.length).toBeGreaterThan(0);
    expect(growBack(domain0)).toBe(taken.length);
    expect(audit(arm.host)).toEqual([]);
  });

  it('maps frames of others at frames that it balloons out for it, and takes them back after', () => {
    const arm = recordedHost(1024);
    const domain0 = built(bootDomain0(arm, 256));
    const guest = built(buildGuest(arm, 'guest', 64));
    const before = domain0.free.count;
    const end = mapRings(domain0, guest, 0);
    expect(domain0.free.count).toBeLessThan(before);
    expect(domain0.balloon.frames).toEqual([]);
    expect(audit(arm.host)).toEqual([]);
    end();
    // The pages of its page table are still in use.
    expect(before - domain0.free.count).toBe(domain0.pageTable.tablePfns.length);
    expect(audit(arm.host)).toEqual([]);
  });

  it('is convicted by the audit when an entry of its second stage gives a frame of another', () => {
    const arm = recordedHost(1024);
    const domain0 = built(bootDomain0(arm, 256));
    const guest = built(buildGuest(arm, 'guest', 64));
    const stage = arm.site.models.get(domain0)!.secondStage;
    const stolen = guest.model.machineFrame(asPfn(3));
    stage.put(0x6_0100, stolen);
    expect(audit(arm.host).map(({ rule }) => rule)).toEqual(['second stage']);
    stage.put(0x6_0100, 0x6_0101);
    expect(audit(arm.host).map(({ rule }) => rule)).toEqual(['second stage']);
    expect(stage.machineFrame(0x6_0100)).not.toBe(NO_FRAME);
  });
});
