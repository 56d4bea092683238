import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { areaAt } from './areas.js';
import { guestWrote } from './guest-writes.js';
import { breakHuge, hugeEntryAt, mapHuge } from './huge-page.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, findEntry } from './mm.js';
import { PageUse } from './page-frames.js';
import { growStack } from './stack.js';
import { type Vma, endOf } from './vma.js';

/** What a fault maps of a file around the touched page, where it is cached (Linux: fault_around_bytes). */
const FAULT_AROUND_BYTES = 64 * 1024;

/**
 * A program touches one of its pages; the faults that it takes on the way are served as Linux 6.1 serves them. A finding
 * where the kernel would kill the program.
 */
export const touchPage = (kernel: LinuxKernel, mm: Mm, vpn: number, write: boolean): Finding | null => {
  const entry = kernel.leafOf(mm, vpn);
  if (kernel.ops.reaches?.(mm, vpn, write) ?? allows(entry, write)) return null;
  kernel.ops.faultDelivered();
  const vma = areaAt(mm, vpn) ?? growStack(kernel, mm, vpn);
  if (vma === null) return refusal(kernel, 'mapped', `page ${hex(vpn)} is in no area`);
  if (isBeyondFile(vma, vpn)) return refusal(kernel, 'in-the-file', `page ${hex(vpn)} lies beyond the end of its file`);
  if (write && !vma.writable) return refusal(kernel, 'writable', `page ${hex(vpn)} is read-only`);
  if (isPresent(entry)) breakSharing(kernel, mm, vpn);
  else if (vma.file === null && write && mapHuge(kernel, mm, vma, vpn)) return served(kernel, mm, vpn, write);
  else if (vma.file === null && !write) mapZeroes(kernel, mm, vpn);
  else if (vma.file === null || write) mapOwnPage(kernel, mm, vma, vpn);
  else mapFileAround(kernel, mm, vma, vpn);
  return served(kernel, mm, vpn, write);
};

/** Linux ends a program that touches such a page (SIGBUS). */
const isBeyondFile = ({ file, firstPage }: Vma, vpn: number): boolean =>
  file !== null && file.firstPage + vpn - firstPage >= file.cached.pages;

const allows = (entry: number, write: boolean): boolean => isPresent(entry) && (!write || isWritable(entry));

/** The program goes on, and makes the access again. */
const served = ({ domain, ops }: LinuxKernel, mm: Mm, vpn: number, write: boolean): null => {
  ops.returnToUser();
  if (ops.reaches?.(mm, vpn, write) === false) throw new Error(`page ${hex(vpn)} of ${domain.name} faults again`);
  return null;
};

/** A program reads one of its pages: its contents stamp. */
export const readPage = (kernel: LinuxKernel, mm: Mm, vpn: number): number | Finding => {
  const refused = touchPage(kernel, mm, vpn, false);
  return isFinding(refused) ? refused : kernel.domain.host.frames.contents(frameAt(kernel, mm, vpn));
};

/** A program writes one of its pages: the new stamp that it holds now. */
export const writePage = (kernel: LinuxKernel, mm: Mm, vpn: number): number | Finding => {
  const refused = touchPage(kernel, mm, vpn, true);
  if (isFinding(refused)) return refused;
  const { domain } = kernel;
  const { frames, simulation, domains } = domain.host;
  const stamp = simulation.nextStamp();
  const mfn = frameAt(kernel, mm, vpn);
  const owner = domains.get(frames.owner(mfn)) ?? domain;
  if (owner === domain) {
    guestWrote(domain, kernel.frameOf(kernel.leafOf(mm, vpn)), stamp, 'store');
  } else {
    frames.setContents(mfn, stamp);
    owner.dirtyLog?.mark(frames.guestFrame(mfn));
  }
  return stamp;
};

/** The machine frame of a page that a program can reach; of another domain's where it maps a grant. */
const frameAt = (kernel: LinuxKernel, mm: Mm, vpn: number): Mfn => kernel.behind(entryFrame(kernel.leafOf(mm, vpn)));

const refusal = ({ domain }: LinuxKernel, rule: string, detail: string): Finding => ({
  operation: 'access',
  model: domain.model.id,
  rule,
  detail: `${detail} of a program of ${domain.name}`,
});

/** A first read of anonymous memory: the page of zeroes, read-only. */
const mapZeroes = (kernel: LinuxKernel, mm: Mm, vpn: number): void => {
  const place = kernel.placeFor(mm, vpn);
  kernel.ops.setLeaf(place, kernel.entryFor(kernel.zeroFrame, false));
};

/** A page of the program's own: zeroed for anonymous memory, a copy for a private page of a file. */
export const mapOwnPage = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): void => {
  const place = kernel.placeFor(mm, vpn);
  const cached =
    vma.file === null ? null : kernel.cache.read(vma.file.cached, vma.file.firstPage + vpn - vma.firstPage);
  const pfn = ownPage(kernel, cached);
  vma.hasAnonymous = true;
  kernel.ops.setLeaf(place, kernel.entryFor(pfn, vma.writable));
};

const ownPage = (kernel: LinuxKernel, source: Pfn | null): Pfn => {
  const pfn = kernel.newPage(source);
  kernel.domain.account.charge(Mechanism.pageTables, source === null ? Event.pageScrub : Event.pageCopy);
  kernel.pages.addMapping(pfn, 1);
  return pfn;
};

/**
 * Maps what the page cache has around the page, within the area and its lowest table: as many pages as a window has, from the start of
 * the aligned window or of the area, whichever comes later (Linux 6.1, do_fault_around).
 */
const mapFileAround = (kernel: LinuxKernel, mm: Mm, vma: Vma, vpn: number): void => {
  const { cached, firstPage } = vma.file!;
  const { entries } = kernel.shape;
  const touched = kernel.placeFor(mm, vpn);
  kernel.cache.read(cached, firstPage + vpn - vma.firstPage);
  const window = FAULT_AROUND_BYTES / kernel.pageBytes;
  const from = Math.max(vpn - (vpn % window), vma.firstPage);
  const to = Math.min(from + window, endOf(vma), vpn - (vpn % entries) + entries);
  for (let page = from; page < to; page += 1) {
    const place = { table: touched.table, index: page % entries };
    const frame = kernel.cache.find(cached, firstPage + page - vma.firstPage);
    if (frame === NO_FRAME || isPresent(kernel.entryAt(place))) continue;
    kernel.pages.addMapping(frame, 1);
    kernel.ops.setLeaf(place, kernel.entryFor(frame, false));
  }
};

/** A write to a page that is mapped read-only: copied while it may be another's too, else made writable. */
const breakSharing = (kernel: LinuxKernel, mm: Mm, vpn: number): void => {
  const { ops, pages } = kernel;
  const huge = kernel.hugePages ? hugeEntryAt(kernel, mm, vpn) : null;
  if (huge !== null && breakHuge(kernel, mm, huge)) return;
  const place = findEntry(kernel, mm, vpn)!;
  const before = kernel.frameOf(kernel.entryAt(place));
  if (pages.use(before) === PageUse.anonymous && (pages.isExclusive(before) || pages.mapCount(before) === 1)) {
    pages.setExclusive(before, true);
    ops.setLeaf(place, kernel.entryFor(before, true));
    return;
  }
  const copy = ownPage(kernel, pages.use(before) === PageUse.zero ? null : before);
  ops.exchangeLeaf(place, 0);
  ops.flushPages(mm, vpn, 1);
  kernel.unmapped(before);
  areaAt(mm, vpn)!.hasAnonymous = true;
  ops.setLeaf(place, kernel.entryFor(copy, true));
};
