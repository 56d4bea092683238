import { Mechanism, Event } from '../host/events.js';
import { asPfn } from '../host/frame-number.js';
import { isPresent, isWritable } from '../host/entry.js';
import type { LinuxKernel } from './kernel.js';
import { ENTRIES_PER_TABLE, type Mm, findEntry } from './mm.js';
import type { Vma } from './vma.js';

/** Pages of a file that a fault maps around the touched one, where they are cached (Linux: fault_around_bytes, 64 KiB). */
const FAULT_AROUND_PAGES = 16;

/** A program touches one of its pages; the faults that it takes on the way are served as Linux 6.1 serves them. */
export const touchPage = (kernel: LinuxKernel, mm: Mm, vpn: number, write: boolean): void => {
  const place = findEntry(kernel, mm, vpn);
  const entry = place === null ? 0 : kernel.entryAt(place);
  if (isPresent(entry) && (!write || isWritable(entry))) return;
  const vma = mm.vmas.find(({ firstPage, pages }) => vpn >= firstPage && vpn < firstPage + pages);
  if (vma === undefined || (write && !vma.writable))
    throw new Error(`page ${vpn.toString(16)} is not the program's to touch`);
  kernel.ops.faultDelivered();
  if (isPresent(entry)) breakSharing(kernel, mm, vma, vpn);
  else if (vma.file === null || write) mapOwnPage(kernel, mm, vma, vpn);
  else mapFileAround(kernel, mm, vma, vpn);
  kernel.ops.returnToUser();
};

/** A new frame: zeroed for anonymous memory, a copy for a private page of a file. */
const mapOwnPage = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): void => {
  const place = kernel.placeFor(mm, vpn);
  const cached = vma.file?.cached.frames.at(vma.file.firstPage + vpn - vma.firstPage);
  const pfn = kernel.newPage(cached === undefined ? 0 : kernel.contents(cached));
  kernel.domain.account.charge(Mechanism.pageTables, cached === undefined ? Event.pageScrub : Event.pageCopy);
  vma.hasAnonymous = true;
  kernel.mapped(pfn);
  kernel.ops.setLeaf(place, kernel.entryFor(pfn, vma.writable));
};

/** Maps what the page cache has in the aligned window around the page, within the area and its lowest table. */
const mapFileAround = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): void => {
  const { cached, firstPage } = vma.file!;
  const touched = kernel.placeFor(mm, vpn);
  const windowStart = vpn - (vpn % FAULT_AROUND_PAGES);
  const tableStart = vpn - (vpn % ENTRIES_PER_TABLE);
  const from = Math.max(windowStart, vma.firstPage, tableStart);
  const to = Math.min(windowStart + FAULT_AROUND_PAGES, vma.firstPage + vma.pages, tableStart + ENTRIES_PER_TABLE);
  for (let page = from; page < to; page += 1) {
    const place = { table: touched.table, index: page % ENTRIES_PER_TABLE };
    const frame = cached.frames.at(firstPage + page - vma.firstPage);
    if (frame === undefined || isPresent(kernel.entryAt(place))) continue;
    kernel.mapped(frame);
    kernel.ops.setLeaf(place, kernel.entryFor(frame, false));
  }
};

/** A write to a page that is mapped read-only: copied while it is shared, else made writable. */
const breakSharing = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): void => {
  const place = findEntry(kernel, mm, vpn)!;
  const before = kernel.frameOf(kernel.entryAt(place));
  const ofFile = isCached(vma, before);
  if (!ofFile && kernel.mapCount(before) === 1) {
    kernel.ops.setLeaf(place, kernel.entryFor(before, true));
    return;
  }
  const copy = kernel.newPage(kernel.contents(before));
  kernel.domain.account.charge(Mechanism.pageTables, Event.pageCopy);
  kernel.ops.exchangeLeaf(place, 0);
  kernel.ops.flush(1);
  kernel.unmapped(before, ofFile);
  vma.hasAnonymous = true;
  kernel.mapped(copy);
  kernel.ops.setLeaf(place, kernel.entryFor(copy, true));
};

/** Whether the frame is one of the page cache's under this area. */
export const isCached = (vma: Vma, frame: number): boolean => vma.file?.cached.frames.includes(asPfn(frame)) ?? false;
