import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';
import { NO_FRAME, type Pfn, asPfn } from './frame-number.js';
import { NO_OWNER } from './frame-table.js';

/** What a slot of a paging disk holds. */
export interface DiskPage {
  readonly slot: number;
  readonly owner: number;
  readonly pfn: Pfn;
}

/** A disk that holds pages of guests, a slot a page: whose it is, which guest frame, and its contents stamp. */
export class PagingDisk implements Checkpointed {
  readonly slots: number;
  readonly #owner: Uint16Array;
  readonly #pfn: Int32Array;
  readonly #contents: Uint32Array;
  /** Empty slots, next one last. */
  #empty: number[];

  /** `slots`: pages that it has room for. */
  constructor(arena: Arena, slots: number) {
    this.slots = slots;
    this.#owner = arena.uint16(slots).fill(NO_OWNER);
    this.#pfn = arena.int32(slots).fill(NO_FRAME);
    this.#contents = arena.uint32(slots);
    this.#empty = Array.from({ length: slots }, (_, index) => slots - 1 - index);
  }

  get emptySlots(): number {
    return this.#empty.length;
  }

  /** Writes a page to an empty slot and returns its number. The caller has seen to it that there is one. */
  write(owner: number, pfn: Pfn, contents: number): number {
    const slot = this.#empty.pop();
    if (slot === undefined) throw new Error('the paging disk is full');
    this.#owner[slot] = owner;
    this.#pfn[slot] = pfn;
    this.#contents[slot] = contents;
    return slot;
  }

  contents(slot: number): number {
    return this.#contents[slot];
  }

  /** Empties the slot. */
  drop(slot: number): void {
    this.#owner[slot] = NO_OWNER;
    this.#pfn[slot] = NO_FRAME;
    this.#contents[slot] = 0;
    this.#empty.push(slot);
  }

  checkpoint(archive: Archive): void {
    archive.view('owner', this.#owner);
    archive.view('pfn', this.#pfn);
    archive.view('contents', this.#contents);
    this.#empty = archive.numbers('empty', this.#empty);
  }

  /** Calls back for every slot in use, in ascending order. */
  forEachPage(visit: (page: DiskPage) => void): void {
    this.#owner.forEach((owner, slot) => {
      if (owner !== NO_OWNER) visit({ slot, owner, pfn: asPfn(this.#pfn[slot]) });
    });
  }
}
