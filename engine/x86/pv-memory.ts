import type { Domain } from '../domain/domain.js';
import { FrameType, type FrameTypeId } from '../host/frame-table.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';

/** Levels of a page table, 1 the lowest. */
export type TableLevel = 1 | 2 | 3 | 4;

const TYPE_OF_LEVEL: Readonly<Record<TableLevel, FrameTypeId>> = {
  1: FrameType.l1,
  2: FrameType.l2,
  3: FrameType.l3,
  4: FrameType.l4,
};

const levelOfType = (type: number): TableLevel | null => {
  for (const level of [1, 2, 3, 4] as const) if (TYPE_OF_LEVEL[level] === type) return level;
  return null;
};

/**
 * What the hypervisor keeps of a P2M guest's memory on x86: the type of every frame and how often it is used as that.
 * A frame is a page table of one level, or writable, never both. Every present entry of a validated table holds a
 * reference to its frame, and a use of it as the lower level or as writable. The kernel's direct map makes every frame of
 * the guest writable until the kernel gives that up for one of them.
 *
 * A refusal is a sentence; the guest's kernel has a bug then.
 */
export class PvMemory {
  readonly #domain: Domain;
  readonly #readOnly = new Set<Mfn>();
  readonly #pinned = new Map<Mfn, TableLevel>();

  constructor(domain: Domain) {
    this.#domain = domain;
    for (const pfn of domain.model.ownedFrames()) this.#takeWritable(domain.model.machineFrame(pfn));
  }

  /** Tables that the guest has pinned, with their levels. */
  get pinned(): ReadonlyMap<Mfn, TableLevel> {
    return this.#pinned;
  }

  /** Whether the kernel's direct map lets it store to the frame. */
  isKernelWritable(mfn: Mfn): boolean {
    return !this.#readOnly.has(mfn);
  }

  /** update_va_mapping of the direct map. */
  setKernelWritable(mfn: Mfn, writable: boolean): string | null {
    if (writable === this.isKernelWritable(mfn)) return null;
    if (writable) {
      if (!this.#takeWritable(mfn)) return `frame ${hex(mfn)} is a page table and cannot be made writable`;
      this.#readOnly.delete(mfn);
    } else {
      this.#dropWritable(mfn);
      this.#readOnly.add(mfn);
    }
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

  /** Stores an entry by a hypercall or by emulation: checked where the page is a page table, as it is where it is not. */
  update(table: Mfn, index: number, entry: number): 'page table' | 'writable page' | { refusal: string } {
    const { frames, tables } = this.#domain.host;
    const entries = tables.get(table);
    if (entries === undefined) return { refusal: `frame ${hex(table)} holds no page table` };
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
