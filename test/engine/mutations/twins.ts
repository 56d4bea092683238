import { vi } from 'vitest';
import { ShadowMmu } from '../../../engine/mmu/shadow-mmu.js';
import { PagingUnit } from '../../../engine/paging/paging-unit.js';
import { GuestFrameUses } from '../../../engine/shadow/guest-frame-uses.js';
import { OutOfSync } from '../../../engine/shadow/out-of-sync.js';
import { TwinCache } from '../../../engine/shadow/twin-cache.js';
import { PvShadow } from '../../../engine/x86/pv-shadow.js';
import { radixScheme } from '../support.js';
import { type Area, nothing, inWorlds, MEMORY, LOGGED, withOneGuest } from './harness.js';

const underP2m = inWorlds([['direct, trusted', 'p2m']], radixScheme());
const underShadow = inWorlds([['shadow', 'shadow']], radixScheme());

/** Twins of page tables, of a shadowed guest and of a P2M guest whose writes are logged. */
export const TWINS: Area = {
  harnesses: [
    ['P2M on radix tables', underP2m],
    ['shadow', underShadow],
    ['one P2M guest', withOneGuest('p2m', [...MEMORY, ...LOGGED])],
    ['one shadow guest', withOneGuest('shadow', MEMORY)],
  ],
  mutations: [
    [
      'a purge leaves the TLB of the walker',
      underP2m,
      () => void vi.spyOn(PagingUnit.prototype, 'flushPage').mockImplementation(nothing),
    ],
    [
      'an entry changes and its twin does not',
      underP2m,
      () => void vi.spyOn(PvShadow.prototype, 'stored').mockImplementation(nothing),
    ],
    [
      'a harvest drops no twin of a P2M guest',
      withOneGuest('p2m', [...MEMORY, ...LOGGED]),
      () => void vi.spyOn(PvShadow.prototype, 'harvest').mockImplementation(nothing),
    ],
    [
      'a table is given up and its twin stays',
      withOneGuest('p2m', [...MEMORY, ...LOGGED]),
      () => void vi.spyOn(PvShadow.prototype, 'tableGone').mockImplementation(nothing),
    ],
    [
      'twins of a P2M guest stay when its log ends',
      withOneGuest('p2m', [...MEMORY, ...LOGGED, 'stop logging']),
      () => void vi.spyOn(PvShadow.prototype, 'end').mockImplementation(nothing),
    ],
    [
      'twins change and the TLB is not flushed',
      underShadow,
      () => void vi.spyOn(ShadowMmu.prototype, 'twinsChanged').mockImplementation(nothing),
    ],
    [
      'a twin keeps a frame that is gone',
      underShadow,
      () => void vi.spyOn(TwinCache.prototype, 'clearFrame').mockImplementation(nothing),
    ],
    [
      'a table is not write-protected',
      underShadow,
      () => void vi.spyOn(GuestFrameUses.prototype, 'mayBeWritable').mockReturnValue(true),
    ],
    [
      'writers of a table stay when it is in sync again',
      withOneGuest('shadow', MEMORY),
      () => void vi.spyOn(OutOfSync.prototype, 'protectWriters').mockImplementation(nothing),
    ],
    [
      'a flush of one page by the guest is lost',
      withOneGuest('shadow', MEMORY),
      () => void vi.spyOn(ShadowMmu.prototype, 'purge').mockImplementation(nothing),
    ],
    [
      'a reference to a twin is not counted',
      underShadow,
      () => void vi.spyOn(TwinCache.prototype, 'hold').mockImplementation(nothing),
    ],
  ],
};
