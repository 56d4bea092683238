import { vi } from 'vitest';
import { DirtyLog } from '../../../engine/domain/dirty-log.js';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { FrameTable } from '../../../engine/host/frame-table.js';
import { HashTable } from '../../../engine/host/hash-table.js';
import { Heap } from '../../../engine/host/heap.js';
import { Host } from '../../../engine/host/host.js';
import { Tlb } from '../../../engine/host/tlb.js';
import { Vhpt } from '../../../engine/host/vhpt.js';
import { VhptMmu } from '../../../engine/mmu/vhpt-mmu.js';
import { P2mTable } from '../../../engine/models/p2m-table.js';
import { hashScheme } from '../support.js';
import { type Area, nothing, inWorlds } from './harness.js';

const onIa64 = inWorlds([
  ['insert', 'p2m'],
  ['direct, restricted', 'insert'],
]);
const onPpc64 = (): boolean => inWorlds([['insert', 'insert']], hashScheme())();

/** Where translations are inserted: TLB, VHPT and hashed table, dirty log, counts of frames, heap, m2p and p2m. */
export const INSERTED_TRANSLATIONS: Area = {
  harnesses: [
    ['ia64', onIa64],
    ['ppc64', onPpc64],
  ],
  mutations: [
    [
      'a purge of a page is skipped',
      onIa64,
      () => void vi.spyOn(VhptMmu.prototype, 'purge').mockImplementation(nothing),
    ],
    ['a purge leaves the TLB', onIa64, () => void vi.spyOn(Tlb.prototype, 'purge').mockReturnValue(false)],
    ['a purge leaves the VHPT', onIa64, () => void vi.spyOn(Vhpt.prototype, 'purge').mockReturnValue(false)],
    ['log-dirty flushes nothing', onIa64, () => void vi.spyOn(VhptMmu.prototype, 'flush').mockImplementation(nothing)],
    ['a dirty bit is missed', onIa64, () => void vi.spyOn(DirtyLog.prototype, 'mark').mockImplementation(nothing)],
    ['a harvest does not clear', onIa64, () => void vi.spyOn(DirtyLog.prototype, 'clear').mockImplementation(nothing)],
    ['a type is not counted', onIa64, () => void vi.spyOn(FrameTable.prototype, 'takeType').mockReturnValue(true)],
    [
      'a type count never falls',
      onIa64,
      () => void vi.spyOn(FrameTable.prototype, 'dropType').mockImplementation(nothing),
    ],
    ['a reference is forgotten', onIa64, keepReferences],
    ['a freed frame leaks', onIa64, () => void vi.spyOn(Heap.prototype, 'free').mockImplementation(nothing)],
    ['a freed frame is not scrubbed', onIa64, releaseWithoutScrub],
    [
      'the m2p is not kept',
      onIa64,
      () => void vi.spyOn(FrameTable.prototype, 'setGuestFrame').mockImplementation(nothing),
    ],
    ['the p2m keeps a frame that is gone', onIa64, keepP2mEntries],
    [
      'an entry stays in the hashed table',
      onPpc64,
      () => void vi.spyOn(HashTable.prototype, 'remove').mockImplementation(nothing),
    ],
    [
      'a flush of all leaves the hashed table',
      onPpc64,
      () => void vi.spyOn(HashTable.prototype, 'clear').mockImplementation(nothing),
    ],
  ],
};

/** A dropped reference stays. */
function keepReferences(): void {
  const original = Reflect.get(FrameTable.prototype, 'addReferences');
  vi.spyOn(FrameTable.prototype, 'addReferences').mockImplementation(function (this: FrameTable, mfn, delta) {
    if (delta > 0) original.call(this, mfn, delta);
  });
}

/** A frame that is gone stays in the p2m. */
function keepP2mEntries(): void {
  const original = Reflect.get(P2mTable.prototype, 'set');
  vi.spyOn(P2mTable.prototype, 'set').mockImplementation(function (this: P2mTable, pfn, mfn) {
    if (mfn !== NO_FRAME) original.call(this, pfn, mfn);
  });
}

function releaseWithoutScrub(): void {
  const original = Reflect.get(Host.prototype, 'release');
  vi.spyOn(Host.prototype, 'release').mockImplementation(function (this: Host, mfn, payer) {
    const stamp = this.frames.contents(mfn);
    original.call(this, mfn, payer);
    this.frames.setContents(mfn, stamp);
  });
}
