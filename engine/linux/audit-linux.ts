import { type Mfn, type Pfn, hex } from '../host/frame-number.js';
import { EntryFlag, entryFrame, isPresent, isSet, isWritable } from '../host/entry.js';
import { areaAt } from './areas.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, pagesOfLevel, userEntriesOf } from './mm.js';
import { PageUse } from './page-frames.js';
import { endOf } from './vma.js';
import type { TableLevel } from '../x86/pv-memory.js';

/**
 * What must hold of a Linux guest's own memory, by a walk of every address space: areas do not overlap, each entry lies in an
 * area and has no more rights than it, what others may see is mapped read-only, frames are mapped as often as the kernel
 * counts, and no frame is in use and free, lost, or in two uses. Returns sentences, one for each breach.
 */
export const auditLinux = (kernel: LinuxKernel): string[] => {
  const { domain, pages } = kernel;
  const breaches: string[] = [];
  const mapped = new Map<Pfn, number>();
  const tables = new Set<Mfn>();
  let huge = 0;

  const leaf = (mm: Mm, vpn: number, entry: number): void => {
    const frame = kernel.frameOf(entry);
    const vma = areaAt(mm, vpn);
    if (vma === undefined) breaches.push(`page ${hex(vpn)} has an entry and is in no area`);
    else if (isWritable(entry) && !vma.writable) breaches.push(`page ${hex(vpn)} is writable, its area is not`);
    const use = pages.use(frame);
    if (isWritable(entry) && (use !== PageUse.anonymous || (pages.mapCount(frame) > 1 && vma?.shared !== true)))
      breaches.push(`page ${hex(vpn)} lets a program write guest frame ${hex(frame)}, which others may see`);
    if (use !== PageUse.anonymous && use !== PageUse.cached && use !== PageUse.zero)
      breaches.push(`page ${hex(vpn)} maps guest frame ${hex(frame)}, which is no page of a program`);
    if (use !== PageUse.zero) mapped.set(frame, (mapped.get(frame) ?? 0) + 1);
  };

  const visit = (mm: Mm, table: Mfn, level: number, first: number): void => {
    if (tables.has(table)) breaches.push(`page table ${hex(table)} is reached twice`);
    tables.add(table);
    kernel.tables.get(table)!.forEach((entry, index) => {
      if (!isPresent(entry) || index >= userEntriesOf(kernel.shape, level)) return;
      if (domain.pv?.isGrantEntry(table, index) === true) return;
      const vpn = first + index * pagesOfLevel(kernel.shape, level as TableLevel);
      if (isSet(entry, EntryFlag.large)) {
        for (let page = 0; page < kernel.shape.entries; page += 1) leaf(mm, vpn + page, kernel.leafOf(mm, vpn + page));
        huge += 1;
      } else if (level > 1) visit(mm, kernel.behind(entryFrame(entry)), level - 1, vpn);
      else leaf(mm, vpn, entry);
    });
  };

  for (const mm of kernel.mms) {
    huge = 0;
    visit(mm, mm.root, kernel.shape.levels, 0);
    if (mm.deposited.length !== huge) breaches.push(`${huge} large pages have ${mm.deposited.length} tables put by`);
    for (const table of mm.deposited) tables.add(table);
    if (mm.userRoot !== null) {
      tables.add(mm.userRoot);
      const [own, user] = [kernel.tables.get(mm.root)!, kernel.tables.get(mm.userRoot)!];
      if (own.some((entry, index) => entry !== user[index])) breaches.push(`the two roots ${hex(mm.root)} differ`);
    }
    mm.vmas.forEach((vma, at) => {
      if (vma.pages <= 0) breaches.push(`an area at ${hex(vma.firstPage)} is empty`);
      if (at > 0 && endOf(mm.vmas[at - 1]) > vma.firstPage) breaches.push(`areas overlap at ${hex(vma.firstPage)}`);
    });
  }

  const free = new Set(domain.free.copy());
  for (const pfn of domain.model.ownedFrames()) {
    const use = pages.use(pfn);
    const count = mapped.get(pfn) ?? 0;
    const name = `guest frame ${hex(pfn)}`;
    if (pages.mapCount(pfn) !== count) breaches.push(`${name} is mapped ${count} times, not ${pages.mapCount(pfn)}`);
    if (use === PageUse.anonymous && count === 0) breaches.push(`${name} is a program's page that no program has`);
    if (free.has(pfn) && use !== PageUse.none) breaches.push(`${name} is free and in use`);
    if ((use === PageUse.table) !== tables.has(domain.model.machineFrame(pfn)))
      breaches.push(`${name} is ${use === PageUse.table ? 'a page table that nothing reaches' : 'no page table'}`);
  }
  for (const { name, frames } of kernel.cache.files) {
    for (const [page, frame] of frames.entries()) {
      if (frame >= 0 && pages.use(frame as Pfn) !== PageUse.cached)
        breaches.push(`page ${page} of ${name} is not in the page cache`);
    }
  }
  return breaches;
};
