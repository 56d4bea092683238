import { isPresent, isWritable } from '../host/entry.js';
import type { LinuxKernel } from './kernel.js';
import { ENTRIES_PER_TABLE, type Mm, findEntry, tablesBelow } from './mm.js';
import { isCached } from './page-fault.js';

/**
 * Forks an address space as Linux 6.1 does: entries of areas with pages of their own are copied, writable ones made
 * read-only on both sides, table by table while lazy; then the child's tables are complete and the parent is flushed. The
 * program has to be running, that is, its address space loaded.
 */
export const forkMm = (kernel: LinuxKernel, parent: Mm): Mm => {
  const { ops } = kernel;
  const child = kernel.newMm();
  for (const vma of parent.vmas) {
    child.vmas.push({ ...vma });
    if (!vma.hasAnonymous) continue;
    let vpn = vma.firstPage;
    const end = vma.firstPage + vma.pages;
    while (vpn < end) {
      const tableEnd = Math.min(end, vpn - (vpn % ENTRIES_PER_TABLE) + ENTRIES_PER_TABLE);
      if (findEntry(kernel, parent, vpn) !== null) {
        const places = Array.from({ length: tableEnd - vpn }, (_, offset) => vpn + offset).filter((page) =>
          isPresent(kernel.entryAt(findEntry(kernel, parent, page)!)),
        );
        if (places.length > 0) kernel.placeFor(child, vpn);
        ops.enterLazy();
        for (const page of places) {
          const from = findEntry(kernel, parent, page)!;
          const entry = kernel.entryAt(from);
          const frame = kernel.frameOf(entry);
          const shared = kernel.entryFor(frame, false);
          if (isWritable(entry)) ops.exchangeLeaf(from, shared);
          kernel.mapped(frame);
          ops.setLeaf(kernel.placeFor(child, page), shared);
        }
        ops.leaveLazy();
      }
      vpn = tableEnd;
    }
  }
  ops.forked(child);
  ops.flush('all');
  return child;
};

/** Tears an address space down, with every page and table that is its own. */
export const exitMm = (kernel: LinuxKernel, mm: Mm): void => {
  const { ops } = kernel;
  ops.exiting(mm);
  for (const vma of mm.vmas) {
    for (let vpn = vma.firstPage; vpn < vma.firstPage + vma.pages; vpn += 1) {
      const place = findEntry(kernel, mm, vpn);
      if (place === null) {
        vpn += ENTRIES_PER_TABLE - 1 - (vpn % ENTRIES_PER_TABLE);
        continue;
      }
      const entry = kernel.entryAt(place);
      if (!isPresent(entry)) continue;
      const frame = kernel.frameOf(entry);
      ops.exchangeLeaf(place, 0);
      kernel.unmapped(frame, isCached(vma, frame));
    }
  }
  for (const { table } of tablesBelow(kernel, mm.root)) kernel.freeTable(table);
  kernel.freeTable(mm.root);
  if (mm.userRoot !== null) kernel.freeTable(mm.userRoot);
};
