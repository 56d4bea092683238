import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { placeOf } from '../domain/kernel-mapping.js';
import { Mechanism } from '../host/events.js';
import { FrameType, type FrameTypeId } from '../host/frame-table.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable, makeEntry } from '../host/entry.js';
import type { RadixFormat } from '../paging/format.js';
import { PvShadow } from './pv-shadow.js';
import { Region } from '../mmu/mmu.js';

/** Levels of a page table, 1 the lowest. */
export type TableLevel = 1 | 2 | 3 | 4;

export const TYPE_OF_LEVEL: Readonly<Record<TableLevel, FrameTypeId>> = {
  1: FrameType.l1,
  2: FrameType.l2,
  3: FrameType.l3,
  4: FrameType.l4,
};

const levelOfType = (type: number): TableLevel | null => {
  for (const level of [1, 2, 3, 4] as const) if (TYPE_OF_LEVEL[level] === type) return level;
  return null;
};

/** How the kernel's own mapping has a frame. */
export type KernelUse = 'absent' | 'readOnly' | 'writable';

/**
 * What the hypervisor keeps of a P2M guest's memory on x86: the type of every frame and how often it is used as that.
 * A frame is a page table of one level, or writable, never both. Every present entry of a validated table holds a
 * reference to its frame, and a use of it as the lower level or as writable; one to a frame of another domain stands on the
 * right that was given to it. The kernel's own mapping is such a table too, and makes every frame of the guest writable until the
 * kernel gives that up for one of them.
 *
 * A refusal is a sentence; the guest's kernel has a bug then.
 */
export class PvMemory implements Checkpointed {
  readonly rootLevel: TableLevel;
  /** What the hypervisor keeps beside the tables while it logs what the guest writes. */
  readonly twins: PvShadow;
  readonly #domain: Domain;
  readonly #pinned = new Map<Mfn, TableLevel>();
  /** Called back for each table of which the hypervisor looked at all entries. */
  #watcher: ((level: TableLevel) => void) | null = null;
  /** Entries that the hypervisor wrote for grants: what they refer to is counted with the grant. */
  readonly #grantEntries = new Map<Mfn, Set<number>>();

  constructor(domain: Domain, format: RadixFormat) {
    const { levels } = format;
    if (levels > 4) throw new RangeError('frames have types for four levels of tables');
    this.#domain = domain;
    this.twins = new PvShadow(domain, format);
    this.rootLevel = levels as TableLevel;
  }

  /** Tables that the guest has pinned, with their levels. */
  get pinned(): ReadonlyMap<Mfn, TableLevel> {
    return this.#pinned;
  }

  /** Whether the kernel's own mapping lets it store to the frame. */
  isKernelWritable(mfn: Mfn): boolean {
    return isWritable(this.#kernelEntry(mfn));
  }

  /** References to the frame that the kernel's own mapping holds: one or none. */
  kernelReferences(mfn: Mfn): number {
    return isPresent(this.#kernelEntry(mfn)) ? 1 : 0;
  }

  /** update_va_mapping of the kernel's own mapping. */
  mapKernelPage(mfn: Mfn, mapping: KernelUse): string | null {
    const refusal = this.#setKernelEntry(mfn, mapping === 'absent' ? 0 : makeEntry(mfn, mapping === 'writable'));
    return refusal !== null && mapping === 'writable'
      ? `frame ${hex(mfn)} is a page table and cannot be made writable`
      : refusal;
  }

  /** Whether another domain may write the frame now, so that it cannot become a page table. */
  isWrittenByOthers(mfn: Mfn): boolean {
    return this.#domain.host.frames.typeCount(mfn) > (this.isKernelWritable(mfn) ? 1 : 0);
  }

  /** Makes the frame read-only to the kernel, for use as a table; false, and nothing done, while another domain may write it. */
  declareTable(mfn: Mfn): boolean {
    this.mapKernelPage(mfn, 'readOnly');
    if (this.#domain.host.frames.typeCount(mfn) === 0) return true;
    this.mapKernelPage(mfn, 'writable');
    return false;
  }

  pin(mfn: Mfn, level: TableLevel): string | null {
    if (this.#pinned.has(mfn)) return `frame ${hex(mfn)} is pinned already`;
    if (!this.#takeTable(mfn, level)) return `frame ${hex(mfn)} cannot be a page table of level ${level}`;
    this.#pinned.set(mfn, level);
    return null;
  }

  unpin(mfn: Mfn): string | null {
    if (!this.#pinned.delete(mfn)) return `frame ${hex(mfn)} is not pinned`;
    this.#dropTable(mfn);
    return null;
  }

  /** Does something, and calls back for each table whose entries the hypervisor looks at one by one for that, the lower ones first. */
  watchTables(watcher: (level: TableLevel) => void, work: () => void): void {
    this.#watcher = watcher;
    work();
    this.#watcher = null;
  }

  /** Whether a grant operation wrote the entry. */
  isGrantEntry(table: Mfn, index: number): boolean {
    return this.#grantEntries.get(table)?.has(index) ?? false;
  }

  /** The hypervisor writes an entry of a lowest-level table for a grant, where none is. */
  putGrantEntry(table: Mfn, index: number, entry: number): string | null {
    const { frames, tables } = this.#domain.host;
    const entries = tables.get(table);
    if (entries === undefined || levelOfType(frames.type(table)) !== 1) return `frame ${hex(table)} is no lowest table`;
    if (isPresent(entries[index])) return `entry ${index} of table ${hex(table)} is taken`;
    entries[index] = entry;
    this.twins.stored(table, index, entry);
    this.#addGrantEntry(table, index);
    return null;
  }

  /** The hypervisor takes it out again. */
  dropGrantEntry(table: Mfn, index: number): void {
    this.#domain.host.tables.get(table)![index] = 0;
    this.twins.stored(table, index, 0);
    const entries = this.#grantEntries.get(table)!;
    entries.delete(index);
    if (entries.size === 0) this.#grantEntries.delete(table);
  }

  /** Drops every use that the guest has of its own memory, as the hypervisor does with a domain that dies. */
  relinquish(): void {
    for (const mfn of this.#pinned.keys()) this.unpin(mfn);
  }

  /** Gives up all tables while their frames move. The result takes them up again, in the frames where they are by then. */
  suspendTables(): () => void {
    const { frames } = this.#domain.host;
    const pinned = [...this.#pinned].map(([mfn, level]) => ({ pfn: frames.guestFrame(mfn), level }));
    const grants = [...this.#grantEntries].map(([mfn, indices]) => ({ pfn: frames.guestFrame(mfn), indices }));
    this.relinquish();
    return () => {
      const { model } = this.#domain;
      this.#grantEntries.clear();
      for (const { pfn, indices } of grants) this.#grantEntries.set(model.machineFrame(pfn), indices);
      for (const { pfn, level } of pinned) this.pin(model.machineFrame(pfn), level);
    };
  }

  /** Why the hypervisor would refuse the entry in a table of the lowest level, or null. */
  refuses(entry: number): string | null {
    if (!this.#takeEntry(entry, 1)) {
      const mfn = asMfn(entryFrame(entry));
      const { host } = this.#domain;
      const use = host.frames.type(mfn) >= FrameType.l1 ? ', in use as a page table' : '';
      return `frame ${hex(mfn)} is ${host.describeOwner(mfn)}${use}`;
    }
    this.#dropEntry(entry, 1);
    return null;
  }

  /** Stores an entry by a hypercall or by emulation: checked where the page is a page table, as it is where it is not. */
  update(table: Mfn, index: number, entry: number): 'page table' | 'writable page' | { refusal: string } {
    const { frames, tables } = this.#domain.host;
    const entries = tables.get(table);
    if (entries === undefined) return { refusal: `frame ${hex(table)} holds no page table` };
    if (this.isGrantEntry(table, index)) return { refusal: `entry ${index} of table ${hex(table)} maps a grant` };
    const level = levelOfType(frames.type(table));
    if (level !== null && !this.#takeEntry(entry, level))
      return { refusal: `entry ${hex(entry)} is refused in a table of level ${level}` };
    const before = entries[index];
    entries[index] = entry;
    this.twins.stored(table, index, entry);
    this.#domain.writtenFor(frames.guestFrame(table));
    if (level === null) return 'writable page';
    this.#dropEntry(before, level);
    return 'page table';
  }

  #kernelEntry(mfn: Mfn): number {
    const { host, id, kernelMapping } = this.#domain;
    if (kernelMapping === null || host.frames.owner(mfn) !== id) return 0;
    return kernelMapping.table.leafEntry(host.frames.guestFrame(mfn));
  }

  #setKernelEntry(mfn: Mfn, entry: number): string | null {
    const domain = this.#domain;
    const { frames, tables } = domain.host;
    if (frames.owner(mfn) !== domain.id) return `frame ${hex(mfn)} is ${domain.host.describeOwner(mfn)}`;
    const pfn = frames.guestFrame(mfn);
    const place = domain.kernelMapping === null ? null : placeOf(domain, domain.kernelMapping, pfn);
    if (place === null) return `the kernel of ${domain.name} has no table for guest frame ${hex(pfn)}`;
    const before = tables.get(place.table)![place.index];
    if (isPresent(before) === isPresent(entry) && isWritable(before) === isWritable(entry)) return null;
    const result = this.update(place.table, place.index, entry);
    if (typeof result === 'object') return result.refusal;
    if (isPresent(before)) domain.mmu.purge(Region.kernel, pfn, Mechanism.pageTables);
    return null;
  }

  checkpoint(archive: Archive): void {
    archive.part('twins', this.twins);
    archive.map('pinned', this.#pinned);
    const places = [...this.#grantEntries].flatMap(([table, entries]) =>
      [...entries].flatMap((index) => [table, index]),
    );
    const saved = archive.numbers('grantEntries', places);
    if (!archive.reading) return;
    this.#grantEntries.clear();
    for (let at = 0; at < saved.length; at += 2) this.#addGrantEntry(asMfn(saved[at]), saved[at + 1]);
  }

  #addGrantEntry(table: Mfn, index: number): void {
    const known = this.#grantEntries.get(table);
    if (known === undefined) this.#grantEntries.set(table, new Set([index]));
    else known.add(index);
  }

  #takeTable(mfn: Mfn, level: TableLevel): boolean {
    const { frames, tables } = this.#domain.host;
    const first = frames.typeCount(mfn) === 0;
    if (frames.owner(mfn) !== this.#domain.id || !frames.takeType(mfn, TYPE_OF_LEVEL[level])) return false;
    frames.addReferences(mfn, 1);
    const entries = tables.get(mfn);
    if (!first || entries === undefined) return true;
    for (let index = 0; index < entries.length; index += 1) {
      if (this.isGrantEntry(mfn, index) || this.#takeEntry(entries[index], level)) continue;
      for (let undo = 0; undo < index; undo += 1) {
        if (!this.isGrantEntry(mfn, undo)) this.#dropEntry(entries[undo], level);
      }
      frames.dropType(mfn);
      frames.addReferences(mfn, -1);
      return false;
    }
    this.#watcher?.(level);
    return true;
  }

  #dropTable(mfn: Mfn): void {
    const { frames, tables } = this.#domain.host;
    const level = levelOfType(frames.type(mfn))!;
    frames.dropType(mfn);
    frames.addReferences(mfn, -1);
    if (frames.typeCount(mfn) > 0) return;
    this.twins.tableGone(mfn);
    for (const [index, entry] of tables.get(mfn)!.entries()) {
      if (!this.isGrantEntry(mfn, index)) this.#dropEntry(entry, level);
    }
    this.#watcher?.(level);
  }

  #takeEntry(entry: number, level: TableLevel): boolean {
    if (!isPresent(entry)) return true;
    const mfn = asMfn(entryFrame(entry));
    if (level > 1) return this.#takeTable(mfn, (level - 1) as TableLevel);
    const { host, foreign, id } = this.#domain;
    if (host.frames.owner(mfn) !== id) return isWritable(entry) ? foreign.canWrite(mfn) : foreign.has(mfn);
    if (isWritable(entry)) return this.#takeWritable(mfn);
    host.frames.addReferences(mfn, 1);
    return true;
  }

  #dropEntry(entry: number, level: TableLevel): void {
    if (!isPresent(entry)) return;
    const mfn = asMfn(entryFrame(entry));
    const { host, id } = this.#domain;
    if (level > 1) this.#dropTable(mfn);
    else if (host.frames.owner(mfn) !== id) return;
    else if (isWritable(entry)) this.#dropWritable(mfn);
    else host.frames.addReferences(mfn, -1);
  }

  #takeWritable(mfn: Mfn): boolean {
    const { frames } = this.#domain.host;
    if (!frames.takeType(mfn, FrameType.writable)) return false;
    frames.addReferences(mfn, 1);
    return true;
  }

  #dropWritable(mfn: Mfn): void {
    const { frames } = this.#domain.host;
    frames.dropType(mfn);
    frames.addReferences(mfn, -1);
  }
}
