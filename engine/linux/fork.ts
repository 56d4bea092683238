import { EntryFlag, isPresent, isWritable } from '../host/entry.js';
import { copyHuge, forEachHuge } from './huge-page.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, forEachTable } from './mm.js';
import { PageUse } from './page-frames.js';
import { type Vma, endOf } from './vma.js';

/**
 * Forks an address space as Linux 6.1 does: entries of areas with pages of their own, or of a device's, are copied, writable ones made
 * read-only on both sides, table by table while lazy; then the child's tables are complete and the parent is flushed. The
 * program has to be running, that is, its address space loaded.
 */
export const forkMm = (kernel: LinuxKernel, parent: Mm): Mm => {
  const { ops } = kernel;
  const child = kernel.newMm();
  Object.assign(child.heap, parent.heap);
  for (const vma of parent.vmas) {
    if (vma.stays) continue;
    child.vmas.push({ ...vma });
    if (!vma.hasAnonymous && !vma.shared) continue;
    forEachHuge(kernel, parent, vma.firstPage, endOf(vma), (place, vpn) => copyHuge(kernel, parent, child, place, vpn));
    forEachTable(kernel, parent, vma.firstPage, endOf(vma), (from, first, end) => {
      const { table: to } = kernel.placeFor(child, first);
      ops.enterLazy();
      for (let vpn = first; vpn < end; vpn += 1) {
        const index = vpn % kernel.shape.entries;
        copyEntry(kernel, vma, { table: from, index }, { table: to, index });
      }
      ops.leaveLazy();
    });
  }
  ops.entered(child);
  ops.flushAll(parent);
  return child;
};

type Place = Parameters<LinuxKernel['entryAt']>[0];

/** A child has not accessed its pages yet. */
const old = (entry: number): number => (entry & ~EntryFlag.accessed) >>> 0;

/** Of a page that a device shares out, no process has to be told of a write. */
const clean = (entry: number): number => (entry & ~EntryFlag.dirty) >>> 0;

const copyEntry = (kernel: LinuxKernel, { shared: isShared }: Vma, from: Place, to: Place): void => {
  const { ops, pages } = kernel;
  const entry = kernel.entryAt(from);
  if (!isPresent(entry)) return;
  const frame = kernel.frameOf(entry);
  if (isShared) {
    pages.addMapping(frame, 1);
    ops.setLeaf(to, old(clean(entry)));
    return;
  }
  const shared = kernel.entryFor(frame, false);
  if (isWritable(entry)) ops.exchangeLeaf(from, shared);
  if (pages.use(frame) === PageUse.anonymous) pages.setExclusive(frame, false);
  pages.addMapping(frame, 1);
  ops.setLeaf(to, old(shared));
};
