import type { Domain } from '../domain/domain.js';
import { Mechanism } from '../host/events.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import { entryFrame, isPresent, makeEntry } from '../host/entry.js';
import type { TableStore } from '../host/table-store.js';
import type { TableLevel } from '../x86/pv-memory.js';
import { ENTRIES_PER_TABLE, type Mm, type TableReader, findEntry, indexAt } from './mm.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import type { CachedFile, Vma } from './vma.js';

/**
 * What one Linux kernel shares among its processes: the domain's memory, the way it changes page tables, the page cache,
 * and how often each frame is mapped.
 */
export class LinuxKernel implements TableReader {
  readonly domain: Domain;
  readonly ops: PagingOps;
  /** Whether the kernel keeps a second root for user mode, as it does under P2M on x86-64. */
  readonly twoRoots: boolean;
  readonly #mapCount = new Map<Pfn, number>();

  constructor(domain: Domain, ops: PagingOps, twoRoots: boolean) {
    this.domain = domain;
    this.ops = ops;
    this.twoRoots = twoRoots;
  }

  /** Page-table pages, entry by entry. */
  get tables(): TableStore {
    return this.domain.host.tables;
  }

  /** The machine frame that an entry's frame number means. */
  behind(frame: number): Mfn {
    return this.domain.model.frameBehindEntry(frame);
  }

  /** A file of which every page is in the page cache. */
  cacheFile(name: string, pages: number): CachedFile {
    return { name, frames: Array.from({ length: pages }, () => this.takeFrame()) };
  }

  takeFrame(): Pfn {
    const pfn = this.domain.takeFreeFrame();
    if (pfn === null) throw new Error(`${this.domain.name} is out of memory`);
    return pfn;
  }

  /** A free frame with these contents: 0 for a zeroed one, the stamp of another frame for a copy of it. */
  newPage(contents: number): Pfn {
    const pfn = this.takeFrame();
    this.domain.host.frames.setContents(this.domain.model.machineFrame(pfn), contents);
    this.domain.log.wrote(pfn, contents);
    return pfn;
  }

  contents(pfn: Pfn): number {
    return this.domain.host.frames.contents(this.domain.model.machineFrame(pfn));
  }

  /** A zeroed page-table page, writable to the kernel. */
  newTable(): Mfn {
    const mfn = this.domain.model.machineFrame(this.takeFrame());
    this.tables.make(mfn, ENTRIES_PER_TABLE);
    return mfn;
  }

  freeTable(table: Mfn): void {
    this.tables.delete(table);
    this.domain.giveBackFrame(this.domain.host.frames.guestFrame(table));
  }

  newMm(): Mm {
    return { root: this.newTable(), userRoot: this.twoRoots ? this.newTable() : null, vmas: [] };
  }

  entryFor(pfn: Pfn, writable: boolean): number {
    return makeEntry(this.domain.model.frameForEntry(pfn, Mechanism.pageTables), writable);
  }

  /** The guest frame that a present entry maps. */
  frameOf(entry: number): Pfn {
    return this.domain.model.frameFromEntry(entryFrame(entry));
  }

  entryAt({ table, index }: EntryPlace): number {
    return this.tables.get(table)![index];
  }

  /** The place of the page's lowest entry, with the tables on the way made as needed. */
  placeFor(mm: Mm, vpn: number): EntryPlace {
    const known = findEntry(this, mm, vpn);
    if (known !== null) return known;
    let table = mm.root;
    for (let level = 4; level > 1; level -= 1) {
      const place = { table, index: indexAt(vpn, level as TableLevel) };
      const entry = this.entryAt(place);
      if (isPresent(entry)) {
        table = this.behind(entryFrame(entry));
        continue;
      }
      const child = this.newTable();
      this.ops.tableAdded(mm, child, (level - 1) as TableLevel);
      this.ops.setBranch(mm, place, this.entryFor(this.domain.host.frames.guestFrame(child), true));
      table = child;
    }
    return { table, index: indexAt(vpn, 1) };
  }

  /** Takes the right to write from every present page of an area, as mprotect does, and from the area. */
  sealArea(mm: Mm, vma: Vma): void {
    const { firstPage, pages } = vma;
    for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) {
      const place = findEntry(this, mm, vpn);
      if (place === null || !isPresent(this.entryAt(place))) continue;
      this.ops.exchangeLeaf(place, this.entryFor(this.frameOf(this.entryAt(place)), false));
    }
    this.ops.flush(pages);
    mm.vmas[mm.vmas.indexOf(vma)] = { ...vma, writable: false };
  }

  mapCount(pfn: Pfn): number {
    return this.#mapCount.get(pfn) ?? 0;
  }

  mapped(pfn: Pfn): void {
    this.#mapCount.set(pfn, this.mapCount(pfn) + 1);
  }

  /** One mapping less; a frame that is not the page cache's is free with its last one. */
  unmapped(pfn: Pfn, ofFile: boolean): void {
    const count = this.mapCount(pfn) - 1;
    if (count > 0) {
      this.#mapCount.set(pfn, count);
      return;
    }
    this.#mapCount.delete(pfn);
    if (!ofFile) this.domain.giveBackFrame(pfn);
  }
}
