import { EntryFlag, entryFrame, isPresent, isSet, isWritable, packEntry } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, findEntry } from './mm.js';
import type { EntryPlace } from './paging-ops.js';
import { type Vma, endOf } from './vma.js';

/** The place of the entry of level 2 that maps the page as a part of a large one, or null. */
export const hugeEntryAt = (kernel: LinuxKernel, mm: Mm, vpn: number): EntryPlace | null => {
  const place = findEntry(kernel, mm, vpn, 2);
  return place !== null && isSet(kernel.entryAt(place), EntryFlag.large) ? place : null;
};

/** Calls back for each large page that begins in the range. */
export const forEachHuge = (
  kernel: LinuxKernel,
  mm: Mm,
  from: number,
  to: number,
  visit: (place: EntryPlace, first: number) => void,
): void => {
  if (!kernel.hugePages) return;
  const { entries } = kernel.shape;
  for (let first = Math.ceil(from / entries) * entries; first < to; first += entries) {
    const place = hugeEntryAt(kernel, mm, first);
    if (place !== null) visit(place, first);
  }
};

/** The guest frames of a large page, in the order of its pages. */
export const framesOfHuge = (kernel: LinuxKernel, entry: number): Pfn[] => {
  const first = kernel.frameOf(entry);
  return Array.from({ length: kernel.shape.entries }, (_, page) => asPfn(first + page));
};

/** The entry of a large page: young, and dirty where it may be written, as that of a small one. */
const hugeEntry = (kernel: LinuxKernel, first: Pfn, writable: boolean): number =>
  (kernel.entryFor(first, writable) | EntryFlag.large) >>> 0;

export const setHuge = (kernel: LinuxKernel, mm: Mm, place: EntryPlace, first: Pfn, writable: boolean): void =>
  kernel.ops.setBranch(mm, place, hugeEntry(kernel, first, writable));

/**
 * Maps a first write as a large page, as Linux's transparent ones are: where the whole of it lies in one area, nothing of
 * it was mapped as a small page, and the kernel has a run of frames. A table is put by, in case it is split. False where not.
 */
export const mapHuge = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): boolean => {
  const { domain, pages, shape } = kernel;
  const start = vpn - (vpn % shape.entries);
  if (!kernel.hugePages || start < vma.firstPage || start + shape.entries > endOf(vma)) return false;
  const known = findEntry(kernel, mm, start, 2);
  if (known !== null && isPresent(kernel.entryAt(known))) return false;
  const first = domain.free.takeBlock(shape.entries);
  if (first === null) return false;
  for (let page = 0; page < shape.entries; page += 1) {
    const pfn = kernel.ownPage(asPfn(first + page), null);
    pages.addMapping(pfn, 1);
  }
  domain.account.charge(Mechanism.pageTables, Event.pageScrub, shape.entries);
  vma.hasAnonymous = true;
  const place = kernel.placeFor(mm, start, 2);
  mm.deposited.push(kernel.newTable());
  setHuge(kernel, mm, place, first, vma.writable);
  return true;
};

/** Maps a large page by a table of small ones, with the same rights, from the table that was put by. */
export const splitHuge = (kernel: LinuxKernel, mm: Mm, place: EntryPlace): void => {
  const { domain, ops } = kernel;
  const entry = kernel.entryAt(place);
  const table = mm.deposited.pop()!;
  framesOfHuge(kernel, entry).forEach((pfn, index) => {
    ops.setLeaf({ table, index }, kernel.entryFor(pfn, isWritable(entry)));
  });
  ops.tableAdded(mm, table, 1);
  ops.setBranch(mm, place, kernel.entryFor(domain.host.frames.guestFrame(table), true));
};

/** Splits the large page that goes across the start of the page, since an area is to end there. */
export const splitHugeAt = (kernel: LinuxKernel, mm: Mm, vpn: number): void => {
  if (!kernel.hugePages || vpn % kernel.shape.entries === 0) return;
  const place = hugeEntryAt(kernel, mm, vpn);
  if (place === null) return;
  splitHuge(kernel, mm, place);
  kernel.ops.flushPages(mm, vpn - (vpn % kernel.shape.entries), kernel.shape.entries);
};

/** Unmaps a large page, with the table that was put by for it. */
export const clearHuge = (kernel: LinuxKernel, mm: Mm, place: EntryPlace): void => {
  const entry = kernel.entryAt(place);
  kernel.ops.setBranch(mm, place, 0);
  for (const pfn of framesOfHuge(kernel, entry)) kernel.unmapped(pfn);
  kernel.freeTable(mm.deposited.pop()!);
};

/** A write to a large page that is read-only: made writable where all of it is the program's alone, else split. */
export const breakHuge = (kernel: LinuxKernel, mm: Mm, place: EntryPlace): boolean => {
  const frames = framesOfHuge(kernel, kernel.entryAt(place));
  if (frames.some((pfn) => kernel.pages.mapCount(pfn) > 1)) {
    splitHuge(kernel, mm, place);
    return false;
  }
  for (const pfn of frames) kernel.pages.setExclusive(pfn, true);
  setHuge(kernel, mm, place, frames[0], true);
  return true;
};

/** Shares a large page with a child: read-only on both sides. */
export const copyHuge = (kernel: LinuxKernel, parent: Mm, child: Mm, from: EntryPlace, vpn: number): void => {
  const { pages } = kernel;
  const frames = framesOfHuge(kernel, kernel.entryAt(from));
  const to = kernel.placeFor(child, vpn, 2);
  child.deposited.push(kernel.newTable());
  if (isWritable(kernel.entryAt(from))) setHuge(kernel, parent, from, frames[0], false);
  for (const pfn of frames) {
    pages.setExclusive(pfn, false);
    pages.addMapping(pfn, 1);
  }
  // The child has not accessed it yet.
  kernel.ops.setBranch(child, to, (hugeEntry(kernel, frames[0], false) & ~EntryFlag.accessed) >>> 0);
};

/** The frame of the page within a large one. */
export const entryInHuge = (kernel: LinuxKernel, mm: Mm, vpn: number): number => {
  const place = kernel.hugePages ? hugeEntryAt(kernel, mm, vpn) : null;
  if (place === null) return 0;
  const entry = kernel.entryAt(place);
  return packEntry(entryFrame(entry) + (vpn % kernel.shape.entries), entry & (EntryFlag.present | EntryFlag.writable));
};
