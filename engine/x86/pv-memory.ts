import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { FrameType, type FrameTypeId } from '../host/frame-table.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';

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

/** Guest frames that the direct map has room for at first. */
const LEAST = 1024;

/** How the kernel's direct map has a frame of the guest. */
export const DirectMap = { absent: 0, readOnly: 1, writable: 2 } as const;
export type DirectMapId = (typeof DirectMap)[keyof typeof DirectMap];

/**
 * What the hypervisor keeps of a P2M guest's memory on x86: the type of every frame and how often it is used as that.
 * A frame is a page table of one level, or writable, never both. Every present entry of a validated table holds a
 * reference to its frame, and a use of it as the lower level or as writable. So does the kernel's direct map, which has
 * every frame of the guest writable when it starts; a frame that joins later is not in it until the kernel maps it.
 *
 * A refusal is a sentence; the guest's kernel has a bug then.
 */
export class PvMemory implements Checkpointed {
  readonly #domain: Domain;
  /** By guest frame. */
  #directMap: Uint8Array;
  readonly #pinned = new Map<Mfn, TableLevel>();
  /** Entries that the hypervisor wrote for grants: what they refer to is counted with the grant. */
  readonly #grantEntries = new Map<Mfn, Set<number>>();

  constructor(domain: Domain) {
    this.#domain = domain;
    this.#directMap = domain.host.simulation.arena.uint8(LEAST);
    domain.pv = this;
    domain.whenLeaving(() => domain.host.simulation.arena.free(this.#directMap));
    for (const pfn of domain.model.ownedFrames()) this.mapKernelPage(domain.model.machineFrame(pfn), 'writable');
  }

  /** Tables that the guest has pinned, with their levels. */
  get pinned(): ReadonlyMap<Mfn, TableLevel> {
    return this.#pinned;
  }

  /** How the direct map has the guest frame. */
  directMap(pfn: Pfn): DirectMapId {
    return (pfn < this.#directMap.length ? this.#directMap[pfn] : DirectMap.absent) as DirectMapId;
  }

  /** Whether the kernel's direct map lets it store to the frame. */
  isKernelWritable(mfn: Mfn): boolean {
    const pfn = this.#ownPlace(mfn);
    return pfn !== NO_FRAME && this.directMap(pfn) === DirectMap.writable;
  }

  /** update_va_mapping of the direct map: the new use is taken before the old one is dropped. */
  mapKernelPage(mfn: Mfn, mapping: keyof typeof DirectMap): string | null {
    const pfn = this.#ownPlace(mfn);
    if (pfn === NO_FRAME) return `frame ${hex(mfn)} is ${this.#domain.host.describeOwner(mfn)}`;
    const before = this.directMap(pfn);
    if (before === DirectMap[mapping]) return null;
    const { frames } = this.#domain.host;
    if (mapping === 'writable' && !this.#takeWritable(mfn))
      return `frame ${hex(mfn)} is a page table and cannot be made writable`;
    if (mapping === 'readOnly') frames.addReferences(mfn, 1);
    if (before === DirectMap.writable) this.#dropWritable(mfn);
    if (before === DirectMap.readOnly) frames.addReferences(mfn, -1);
    if (pfn >= this.#directMap.length) {
      const { arena } = this.#domain.host.simulation;
      const grown = arena.uint8(2 ** Math.ceil(Math.log2(pfn + 1)));
      grown.set(this.#directMap);
      arena.free(this.#directMap);
      this.#directMap = grown;
    }
    this.#directMap[pfn] = DirectMap[mapping];
    return null;
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
    this.#addGrantEntry(table, index);
    return null;
  }

  /** The hypervisor takes it out again. */
  dropGrantEntry(table: Mfn, index: number): void {
    this.#domain.host.tables.get(table)![index] = 0;
    const entries = this.#grantEntries.get(table)!;
    entries.delete(index);
    if (entries.size === 0) this.#grantEntries.delete(table);
  }

  /** Stores an entry by a hypercall or by emulation: checked where the page is a page table, as it is where it is not. */
  update(table: Mfn, index: number, entry: number): 'page table' | 'writable page' | { refusal: string } {
    const { frames, tables } = this.#domain.host;
    const entries = tables.get(table);
    if (entries === undefined) return { refusal: `frame ${hex(table)} holds no page table` };
    if (this.isGrantEntry(table, index)) return { refusal: `entry ${index} of table ${hex(table)} maps a grant` };
    const level = levelOfType(frames.type(table));
    if (level === null) {
      entries[index] = entry;
      return 'writable page';
    }
    if (!this.#takeEntry(entry, level))
      return { refusal: `entry ${hex(entry)} is refused in a table of level ${level}` };
    const before = entries[index];
    entries[index] = entry;
    this.#dropEntry(before, level);
    return 'page table';
  }

  /** Drops every use that the guest has of its own memory, as the hypervisor does with a domain that dies. */
  relinquish(): void {
    const { model } = this.#domain;
    for (const mfn of this.#pinned.keys()) this.unpin(mfn);
    for (const pfn of model.ownedFrames()) this.mapKernelPage(model.machineFrame(pfn), 'absent');
  }

  /** The guest frame that the domain has this frame at, or `NO_FRAME`. */
  #ownPlace(mfn: Mfn): Pfn {
    const { frames } = this.#domain.host;
    return frames.owner(mfn) === this.#domain.id ? frames.guestFrame(mfn) : (NO_FRAME as Pfn);
  }

  checkpoint(archive: Archive): void {
    const { arena } = this.#domain.host.simulation;
    const before = this.#directMap;
    this.#directMap = archive.resized('directMap', before, (length) => arena.uint8(length));
    if (archive.reading) arena.free(before);
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
      if (this.#takeEntry(entries[index], level)) continue;
      for (let undo = 0; undo < index; undo += 1) this.#dropEntry(entries[undo], level);
      frames.dropType(mfn);
      frames.addReferences(mfn, -1);
      return false;
    }
    return true;
  }

  #dropTable(mfn: Mfn): void {
    const { frames, tables } = this.#domain.host;
    const level = levelOfType(frames.type(mfn))!;
    frames.dropType(mfn);
    frames.addReferences(mfn, -1);
    if (frames.typeCount(mfn) > 0) return;
    for (const entry of tables.get(mfn)!) this.#dropEntry(entry, level);
  }

  #takeEntry(entry: number, level: TableLevel): boolean {
    if (!isPresent(entry)) return true;
    const mfn = asMfn(entryFrame(entry));
    if (level > 1) return this.#takeTable(mfn, (level - 1) as TableLevel);
    const { frames } = this.#domain.host;
    if (frames.owner(mfn) !== this.#domain.id) return false;
    if (isWritable(entry)) return this.#takeWritable(mfn);
    frames.addReferences(mfn, 1);
    return true;
  }

  #dropEntry(entry: number, level: TableLevel): void {
    if (!isPresent(entry)) return;
    const mfn = asMfn(entryFrame(entry));
    if (level > 1) this.#dropTable(mfn);
    else if (isWritable(entry)) this.#dropWritable(mfn);
    else this.#domain.host.frames.addReferences(mfn, -1);
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
