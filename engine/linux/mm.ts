import type { Mfn } from '../host/frame-number.js';
import { entryFrame, isPresent } from '../host/entry.js';
import type { TableStore } from '../host/table-store.js';
import type { TableLevel } from '../x86/pv-memory.js';
import type { EntryPlace } from './paging-ops.js';
import type { Vma } from './vma.js';

export const ENTRIES_PER_TABLE = 512;

/** Pages that one entry of this level covers. */
export const pagesOfLevel = (level: TableLevel): number => ENTRIES_PER_TABLE ** (level - 1);

/** An address space: its areas, and the roots of its page table. */
export interface Mm {
  readonly root: Mfn;
  /** The root for user mode, where the kernel keeps a second one (P2M on x86-64). */
  readonly userRoot: Mfn | null;
  /** Ascending by first page; they do not overlap. */
  readonly vmas: Vma[];
}

export const indexAt = (vpn: number, level: TableLevel): number =>
  Math.floor(vpn / ENTRIES_PER_TABLE ** (level - 1)) % ENTRIES_PER_TABLE;

/** How table pages are read: by machine frame, and from the frame number of an entry to the machine frame it means. */
export interface TableReader {
  readonly tables: Pick<TableStore, 'get'>;
  behind(frame: number): Mfn;
}

/** Where the entry of a page is, or null when a table on the way is missing. */
export const findEntry = (reader: TableReader, mm: Mm, vpn: number, level: TableLevel = 1): EntryPlace | null => {
  let table = mm.root;
  for (let at = 4 as number; at > level; at -= 1) {
    const entry = reader.tables.get(table)![indexAt(vpn, at as TableLevel)];
    if (!isPresent(entry)) return null;
    table = reader.behind(entryFrame(entry));
  }
  return { table, index: indexAt(vpn, level) };
};

/** Every table page below the roots with its level, lowest first within each branch. */
export const tablesBelow = (reader: TableReader, root: Mfn): { table: Mfn; level: TableLevel }[] => {
  const found: { table: Mfn; level: TableLevel }[] = [];
  const visit = (table: Mfn, level: number): void => {
    for (const entry of reader.tables.get(table)!) {
      if (!isPresent(entry)) continue;
      const child = reader.behind(entryFrame(entry));
      if (level > 2) visit(child, level - 1);
      found.push({ table: child, level: (level - 1) as TableLevel });
    }
  };
  visit(root, 4);
  return found;
};
