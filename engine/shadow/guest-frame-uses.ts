import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import type { GuestMemory } from './guest-memory.js';

const SECTION_SHIFT = 12;
const SECTION_FRAMES = 1 << SECTION_SHIFT;
const SECTION_MASK = SECTION_FRAMES - 1;

interface Section {
  readonly kinds: Uint8Array;
  readonly outOfSync: Uint8Array;
  readonly mappings: Uint16Array;
  readonly writers: Uint16Array;
}

/**
 * What the shadow code knows of each frame of the guest's: as which kinds of table it has a twin, whether it may differ from
 * it, and how many entries of twins map it, and map it writable. Sections are made on first use.
 */
export class GuestFrameUses implements Checkpointed {
  readonly #sections: (Section | undefined)[] = [];
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  dispose(): void {
    for (const section of this.#sections) if (section !== undefined) this.#arena.free(...Object.values(section));
  }

  /** A bit for each kind of twin, 1 << kind; 0 when the frame is no table. */
  kinds(frame: number): number {
    return this.#sections[frame >>> SECTION_SHIFT]?.kinds[frame & SECTION_MASK] ?? 0;
  }

  setKinds(frame: number, kinds: number): void {
    this.#section(frame).kinds[frame & SECTION_MASK] = kinds;
  }

  isTable(frame: number): boolean {
    return this.kinds(frame) !== 0;
  }

  isOutOfSync(frame: number): boolean {
    return this.#sections[frame >>> SECTION_SHIFT]?.outOfSync[frame & SECTION_MASK] === 1;
  }

  setOutOfSync(frame: number, outOfSync: boolean): void {
    this.#section(frame).outOfSync[frame & SECTION_MASK] = outOfSync ? 1 : 0;
  }

  /** Entries of twins that map the frame. */
  mappings(frame: number): number {
    return this.#sections[frame >>> SECTION_SHIFT]?.mappings[frame & SECTION_MASK] ?? 0;
  }

  /** Of those, the writable ones. */
  writers(frame: number): number {
    return this.#sections[frame >>> SECTION_SHIFT]?.writers[frame & SECTION_MASK] ?? 0;
  }

  count(frame: number, mappings: number, writers: number): void {
    const section = this.#section(frame);
    section.mappings[frame & SECTION_MASK] += mappings;
    section.writers[frame & SECTION_MASK] += writers;
  }

  /** Whether an entry may let the guest write to the frame. A table that is out of sync only takes the writes that ask for it. */
  mayBeWritable(guest: GuestMemory, frame: number, isWriting: boolean): boolean {
    if (!guest.mayWrite(frame)) return false;
    return !this.isTable(frame) || (isWriting && this.isOutOfSync(frame));
  }

  checkpoint(archive: Archive): void {
    const made = [...this.#sections.keys()].filter((number) => this.#sections[number] !== undefined);
    for (const number of archive.numbers('sections', made)) {
      const section = this.#section(number << SECTION_SHIFT);
      for (const [name, view] of Object.entries(section)) archive.view(`${name} ${number}`, view);
    }
  }

  #section(frame: number): Section {
    return (this.#sections[frame >>> SECTION_SHIFT] ??= {
      kinds: this.#arena.uint8(SECTION_FRAMES),
      outOfSync: this.#arena.uint8(SECTION_FRAMES),
      mappings: this.#arena.uint16(SECTION_FRAMES),
      writers: this.#arena.uint16(SECTION_FRAMES),
    });
  }
}
