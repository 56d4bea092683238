import { vi } from 'vitest';
import { PagingDisk } from '../../../engine/host/paging-disk.js';
import { OnDemandCache } from '../../../engine/models/on-demand-cache.js';
import { Overcommit } from '../../../engine/models/overcommit.js';
import { NestedPaging } from '../../../engine/paging/nested-paging.js';
import { SecondStage } from '../../../engine/paging/second-stage.js';
import { radixScheme } from '../support.js';
import { type Area, nothing, inWorlds, MEMORY, LOGGED, withOneGuest } from './harness.js';

const underNested = inWorlds([['direct, trusted', 'nested']], radixScheme());
const BALLOON = ['balloon out', 'balloon in'];
const ON_DEMAND = ['build on demand', 'destroy', 'kernel write', 'balloon out'];

/** The second stage of a nested guest, and memory that is overcommitted. */
export const SECOND_STAGE: Area = {
  harnesses: [
    ['nested tables', underNested],
    ['one nested guest', withOneGuest('nested', [...MEMORY, ...BALLOON])],
    ['one guest on demand', withOneGuest('nested', ON_DEMAND)],
  ],
  mutations: [
    [
      'a second stage lets all be written when logging begins',
      withOneGuest('nested', [...MEMORY, ...LOGGED]),
      () => void vi.spyOn(SecondStage.prototype, 'beginLogging').mockReturnValue(0),
    ],
    [
      'a harvest takes no right from the second stage',
      withOneGuest('nested', [...MEMORY, ...LOGGED]),
      () => void vi.spyOn(SecondStage.prototype, 'harvest').mockReturnValue([]),
    ],
    [
      'a shared frame is taken for a guest’s own',
      underNested,
      () => void vi.spyOn(Overcommit.prototype, 'isShared').mockReturnValue(false),
    ],
    [
      'a page comes back from the disk as another',
      underNested,
      () => void vi.spyOn(PagingDisk.prototype, 'contents').mockReturnValue(7),
    ],
    [
      'a slot of the paging disk is not emptied',
      underNested,
      () => void vi.spyOn(PagingDisk.prototype, 'drop').mockImplementation(nothing),
    ],
    [
      'a frame that should wait for the next page is lost',
      withOneGuest('nested', ON_DEMAND),
      () => void vi.spyOn(OnDemandCache.prototype, 'takeBack').mockImplementation(nothing),
    ],
    [
      'a guest frame changes and no nested cache hears of it',
      withOneGuest('nested', [...MEMORY, ...BALLOON]),
      () => void vi.spyOn(NestedPaging.prototype, 'flushGuestFrame').mockImplementation(nothing),
    ],
    [
      'a nested flush of all is skipped',
      underNested,
      () => void vi.spyOn(NestedPaging.prototype, 'flushAll').mockImplementation(nothing),
    ],
    [
      'the second stage keeps a frame that is gone',
      underNested,
      () => void vi.spyOn(SecondStage.prototype, 'takeOut').mockReturnValue(true),
    ],
  ],
};
