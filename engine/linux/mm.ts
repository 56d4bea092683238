import type { Mfn } from '../host/frame-number.js';
import { EntryFlag, entryFrame, isPresent, isSet } from '../host/entry.js';
import type { TableStore } from '../host/table-store.js';
import { type RadixFormat, X86_64 } from '../paging/format.js';
import type { TableLevel } from '../x86/pv-memory.js';
import type { GrantedArea, GrantedPageOf, MappedArea } from './grant-areas.js';
import type { EntryPlace } from './paging-ops.js';
import type { Vma } from './vma.js';

/** The shape of a kernel's page tables. */
export interface TableShape {
  readonly levels: TableLevel;
  /** Entries of one table: page size over 8 bytes. */
  readonly entries: number;
  /** Entries of a root that are the program's; those above are the kernel's, the same in every root. */
  readonly userEntries: number;
  /** The page above a program's stack, without address randomisation. */
  readonly stackTop: number;
}

/** Linux on tables that an MMU walks: the lower half of a root is the program's, and its stack ends a page below that. */
export const walkedTables = ({ levels, indexBits }: Pick<RadixFormat, 'levels' | 'indexBits'>): TableShape => {
  const entries = 2 ** indexBits;
  const userEntries = entries / 2;
  return { levels: levels as TableLevel, entries, userEntries, stackTop: userEntries * entries ** (levels - 1) - 1 };
};

/** Linux on x86-64. */
export const X86_64_TABLES = walkedTables(X86_64);

/** An address space: its areas, and the roots of its page table. */
export interface Mm {
  root: Mfn;
  /** The root for user mode, where the kernel keeps a second one (P2M on x86-64). */
  userRoot: Mfn | null;
  /** Ascending by first page; they do not overlap. */
  readonly vmas: Vma[];
  /** The heap that brk moves the end of, from page `start` to `end` − 1. */
  readonly heap: { start: number; end: number };
  /** Tables put by, one for each large page, to split it with. */
  readonly deposited: Mfn[];
  /** Areas of pages that it has granted, and of granted ones that it has mapped. */
  readonly granted: GrantedArea[];
  readonly mapped: MappedArea[];
  /** Pages that it granted and took out of its address space since. */
  readonly keptGrants: GrantedPageOf[];
}

/** Pages that one entry of this level covers. */
export const pagesOfLevel = ({ entries }: TableShape, level: TableLevel): number => entries ** (level - 1);

export const indexAt = ({ entries }: TableShape, vpn: number, level: TableLevel): number =>
  Math.floor(vpn / entries ** (level - 1)) % entries;

/** How table pages are read: by machine frame, and from the frame number of an entry to the machine frame it means. */
export interface TableReader {
  readonly shape: TableShape;
  readonly tables: Pick<TableStore, 'get'>;
  behind(frame: number): Mfn;
}

/** Where the entry of a page is, or null when a table on the way is missing, or a large page is in its place. */
export const findEntry = (
  reader: TableReader,
  mm: Pick<Mm, 'root'>,
  vpn: number,
  level: TableLevel = 1,
): EntryPlace | null => {
  const { shape, tables } = reader;
  let table = mm.root;
  for (let at = shape.levels as number; at > level; at -= 1) {
    const entry = tables.get(table)![indexAt(shape, vpn, at as TableLevel)];
    if (!isPresent(entry) || isSet(entry, EntryFlag.large)) return null;
    table = reader.behind(entryFrame(entry));
  }
  return { table, index: indexAt(shape, vpn, level) };
};

/** A table page of an address space with its level, and the entry that leads to it. */
export interface TableBelow {
  readonly table: Mfn;
  readonly level: TableLevel;
  readonly place: EntryPlace;
}

/** Entries of a table of this level that are the program's. */
export const userEntriesOf = (shape: TableShape, level: number): number =>
  level === shape.levels ? shape.userEntries : shape.entries;

/** Every table page of the program below the root, lowest first within each branch. */
export const tablesBelow = (reader: TableReader, root: Mfn): TableBelow[] => {
  const found: TableBelow[] = [];
  const visit = (table: Mfn, level: number): void => {
    const entries = reader.tables.get(table)!;
    for (let index = 0; index < userEntriesOf(reader.shape, level); index += 1) {
      if (!isPresent(entries[index]) || isSet(entries[index], EntryFlag.large)) continue;
      const child = reader.behind(entryFrame(entries[index]));
      if (level > 2) visit(child, level - 1);
      found.push({ table: child, level: (level - 1) as TableLevel, place: { table, index } });
    }
  };
  visit(root, reader.shape.levels);
  return found;
};

/** Calls back for each lowest table that there is under the range, with the pages of the range that it covers. */
export const forEachTable = (
  reader: TableReader,
  mm: Mm,
  from: number,
  to: number,
  visit: (table: Mfn, from: number, to: number) => void,
): void => {
  const { entries } = reader.shape;
  for (let vpn = from; vpn < to;) {
    const end = Math.min(to, vpn - (vpn % entries) + entries);
    const place = findEntry(reader, mm, vpn);
    if (place !== null) visit(place.table, vpn, end);
    vpn = end;
  }
};

/** Calls back for each present entry of the lowest level below the root, with its page. */
export const forEachLeaf = (reader: TableReader, root: Mfn, visit: (vpn: number, entry: number) => void): void => {
  const { shape, tables } = reader;
  const enter = (table: Mfn, level: number, first: number): void => {
    const entries = tables.get(table)!;
    const pages = pagesOfLevel(shape, level as TableLevel);
    for (let index = 0; index < userEntriesOf(shape, level); index += 1) {
      const entry = entries[index];
      if (!isPresent(entry) || isSet(entry, EntryFlag.large)) continue;
      if (level === 1) visit(first + index, entry);
      else enter(reader.behind(entryFrame(entry)), level - 1, first + index * pages);
    }
  };
  enter(root, shape.levels, 0);
};
