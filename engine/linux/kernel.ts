import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { type MovedFrames, type ProcessKernel, afterMove } from '../domain/moved-frames.js';
import { isFinding } from '../finding.js';
import { GrantReferences } from '../grants/grant-references.js';
import { Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { GrantedPageOf } from './grant-areas.js';
import { checkpointMm } from './checkpoint-mm.js';
import { EntryFlag, entryFrame, isPresent, packEntry } from '../host/entry.js';
import type { TableStore } from '../host/table-store.js';
import { Region } from '../mmu/mmu.js';
import type { TableLevel } from '../x86/pv-memory.js';
import { entryInHuge } from './huge-page.js';
import { guestWrote } from './guest-writes.js';
import { type Mm, type TableReader, type TableShape, X86_64_TABLES, findEntry, indexAt, tablesBelow } from './mm.js';
import { PageCache } from './page-cache.js';
import { PageFrames, PageUse } from './page-frames.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';

export interface LinuxOptions {
  /** Whether the kernel keeps a second root for user mode, as it does under P2M on x86-64. */
  readonly twoRoots: boolean;
  readonly shape?: TableShape;
  /** Transparent large pages, where entries can be large; on unless turned off. */
  readonly hugePages?: boolean;
  /** It comes out of a checkpoint, and so takes no frame. */
  readonly restored?: boolean;
}

/**
 * What one Linux kernel shares among its processes: the domain's memory, the way it changes page tables, the page cache,
 * the page of zeroes, and how often each frame is mapped.
 */
export class LinuxKernel implements TableReader, ProcessKernel, Checkpointed {
  readonly domain: Domain;
  readonly ops: PagingOps;
  readonly shape: TableShape;
  readonly pages: PageFrames;
  readonly cache = new PageCache(this);
  /** Address spaces that are not torn down yet. */
  readonly mms = new Set<Mm>();
  /** Whether anonymous memory is mapped by large pages where it can be. */
  readonly hugePages: boolean;
  /** Its references to grants, once it has set its grant table up. */
  grants: GrantReferences | null = null;
  /** Pages that programs granted and left, which their other domains still map. */
  readonly deferredGrants: GrantedPageOf[] = [];
  #zeroFrame: Pfn;
  readonly #twoRoots: boolean;

  constructor(domain: Domain, ops: PagingOps, options: LinuxOptions) {
    const { twoRoots, shape = X86_64_TABLES, hugePages = true, restored = false } = options;
    this.domain = domain;
    this.ops = ops;
    this.shape = shape;
    this.#twoRoots = twoRoots;
    this.hugePages = hugePages && ops.largePages;
    this.pages = new PageFrames(domain.host.simulation.arena);
    domain.processes = this;
    domain.whenLeaving(() => this.pages.release());
    this.#zeroFrame = restored ? asPfn(NO_FRAME) : this.#makeZeroFrame();
  }

  /** The page of zeroes that stands for every anonymous page that was only read. */
  get zeroFrame(): Pfn {
    return this.#zeroFrame;
  }

  get pageBytes(): number {
    return this.domain.host.simulation.platform.pageBytes;
  }

  /** Page-table pages, entry by entry. */
  get tables(): TableStore {
    return this.domain.host.tables;
  }

  /** Page-table pages of all programs, those put by among them. */
  get tablePages(): number {
    let pages = 0;
    for (const { root, userRoot, deposited } of this.mms) {
      pages += tablesBelow(this, root).length + deposited.length + (userRoot === null ? 1 : 2);
    }
    return pages;
  }

  /** The machine frame that an entry's frame number means. */
  behind(frame: number): Mfn {
    return this.domain.model.frameBehindEntry(frame);
  }

  /** A free frame; one that passes the filter where there is one. */
  takeFrame(fits: ((pfn: Pfn) => boolean) | null = null): Pfn {
    const { free } = this.domain;
    const pfn = fits === null ? free.take() : free.takeThat(fits);
    if (pfn === null) throw new Error(`${this.domain.name} is out of memory`);
    return pfn;
  }

  freeFrame(pfn: Pfn): void {
    this.pages.setUse(pfn, PageUse.none);
    this.domain.free.giveBack(pfn);
  }

  /** A page of a program's own: a copy of another frame, or zeroed. */
  newPage(source: Pfn | null): Pfn {
    return this.ownPage(this.takeFrame(), source);
  }

  /** Makes a frame that was taken a page of a program's own. */
  ownPage(pfn: Pfn, source: Pfn | null): Pfn {
    const { domain, pages } = this;
    this.touch(pfn, true);
    this.ops.fillFrame(domain.model.machineFrame(pfn), source === null);
    if (source !== null) this.touch(source, false);
    const [stamp, logged] = source === null ? [0, 0] : [this.contents(source), domain.log.stamp(source)];
    guestWrote(domain, pfn, stamp, 'store', logged);
    pages.setUse(pfn, PageUse.anonymous);
    pages.setExclusive(pfn, true);
    return pfn;
  }

  contents(pfn: Pfn): number {
    return this.domain.host.frames.contents(this.domain.model.machineFrame(pfn));
  }

  /** A zeroed page-table page, writable to the kernel. */
  newTable(): Mfn {
    const { model, pv } = this.domain;
    const pfn = this.takeFrame(pv && ((each) => !pv.isWrittenByOthers(model.machineFrame(each))));
    this.touch(pfn, true);
    const mfn = model.machineFrame(pfn);
    this.ops.fillFrame(mfn, true);
    this.tables.make(mfn, this.shape.entries);
    guestWrote(this.domain, pfn, 0, 'store');
    this.pages.setUse(pfn, PageUse.table);
    return mfn;
  }

  freeTable(table: Mfn): void {
    this.tables.delete(table);
    this.freeFrame(this.domain.host.frames.guestFrame(table));
  }

  newMm(): Mm {
    const userRoot = this.#twoRoots ? this.newTable() : null;
    const root = this.newTable();
    this.ops.rootAdded(root);
    const devices = { granted: [], mapped: [], keptGrants: [] };
    const mm = { root, userRoot, vmas: [], heap: { start: 0, end: 0 }, deposited: [], ...devices };
    this.mms.add(mm);
    return mm;
  }

  /** An entry as Linux makes it: young, and dirty where it may be written, so that hardware need not set flags. */
  entryFor(pfn: Pfn, writable: boolean): number {
    const flags = EntryFlag.present | EntryFlag.accessed | (writable ? EntryFlag.writable | EntryFlag.dirty : 0);
    return packEntry(this.domain.model.frameForEntry(pfn, Mechanism.pageTables), flags);
  }

  /** The guest frame that a present entry maps. */
  frameOf(entry: number): Pfn {
    return this.domain.model.frameFromEntry(entryFrame(entry));
  }

  entryAt({ table, index }: EntryPlace): number {
    return this.tables.get(table)![index];
  }

  /** The page's lowest entry, or what it would be were its large page split; 0 when there is none. */
  leafOf(mm: Mm, vpn: number): number {
    const place = findEntry(this, mm, vpn);
    return place === null ? entryInHuge(this, mm, vpn) : this.entryAt(place);
  }

  /** The place of the page's entry of a level, with the tables on the way made as needed. */
  placeFor(mm: Mm, vpn: number, lowest: TableLevel = 1): EntryPlace {
    const { shape } = this;
    let table = mm.root;
    for (let level = shape.levels as number; level > lowest; level -= 1) {
      const place = { table, index: indexAt(shape, vpn, level as TableLevel) };
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
    return { table, index: indexAt(shape, vpn, lowest) };
  }

  /** The kernel touches one of its frames, which may have no memory of its own where the hypervisor has overcommitted that. */
  touch(pfn: Pfn, write: boolean): void {
    const { mmu, model, name } = this.domain;
    if ((model.overcommit?.outside ?? 0) === 0) return;
    const found = mmu.access(Region.kernel, pfn, write);
    if (isFinding(found)) throw new Error(`the kernel of ${name} cannot reach a page of its own: ${found.detail}`);
  }

  #makeZeroFrame(): Pfn {
    const pfn = this.takeFrame();
    this.touch(pfn, true);
    guestWrote(this.domain, pfn, 0, 'store');
    this.pages.setUse(pfn, PageUse.zero);
    return pfn;
  }

  /** One mapping less; a program's own page is free with its last one. */
  unmapped(pfn: Pfn): void {
    this.pages.addMapping(pfn, -1);
    if (this.pages.use(pfn) === PageUse.anonymous && this.pages.mapCount(pfn) === 0) this.freeFrame(pfn);
  }

  follow(moved: MovedFrames): void {
    for (const mm of this.mms) {
      mm.root = afterMove(moved, mm.root);
      if (mm.userRoot !== null) mm.userRoot = afterMove(moved, mm.userRoot);
      mm.deposited.forEach((table, index) => (mm.deposited[index] = afterMove(moved, table)));
    }
    this.ops.follow(moved);
  }

  checkpoint(archive: Archive): void {
    archive.part('ops', this.ops);
    archive.part('pages', this.pages);
    archive.part('cache', this.cache);
    this.#zeroFrame = archive.value('zeroFrame', this.#zeroFrame);
    if (archive.value('hasGrants', this.grants !== null)) {
      this.grants ??= GrantReferences.restored(this.domain);
      archive.part('grants', this.grants);
    }
    this.deferredGrants.splice(0, Infinity, ...archive.data('deferredGrants', [...this.deferredGrants]));
    const mms = archive.list('mms', [...this.mms], (each, mm) => checkpointMm(each, this.cache, mm));
    this.mms.clear();
    for (const mm of mms) {
      this.mms.add(mm);
      archive.track(mm);
    }
  }
}
