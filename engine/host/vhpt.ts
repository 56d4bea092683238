import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';

const SECTION_SHIFT = 10;
const SECTION_BUCKETS = 1 << SECTION_SHIFT;
const SECTION_MASK = SECTION_BUCKETS - 1;

/** Words of a bucket, side by side since a walk reads all of them: its region id plus one, 0 where it is empty, then these. */
const BUCKET_WORDS = 4;
const VPN = 1;
const MFN = 2;
const WRITABLE = 3;

/**
 * The virtual hash page table that the hardware walker reads and the hypervisor fills: one entry a bucket, of one page.
 * As in Xen/ia64 of 2006, an insert of a larger page puts only the touched page here. Of its buckets, those take room that
 * something was ever put into, in sections of 1024.
 */
export class Vhpt implements Checkpointed {
  readonly #arena: Arena;
  readonly #mask: number;
  #sections: (Uint32Array | undefined)[];

  /** `entries` is a power of two. */
  constructor(arena: Arena, entries: number) {
    this.#arena = arena;
    this.#mask = entries - 1;
    this.#sections = Array.from({ length: Math.ceil(entries / SECTION_BUCKETS) }, () => undefined);
  }

  /** The index of the page's entry, or −1. */
  find(rid: number, vpn: number): number {
    const index = this.#index(rid, vpn);
    const section = this.#sections[index >>> SECTION_SHIFT];
    if (section === undefined) return -1;
    const at = (index & SECTION_MASK) * BUCKET_WORDS;
    return section[at] === rid + 1 && section[at + VPN] === vpn ? index : -1;
  }

  /** The frame of an entry that is there. */
  mfn(index: number): number {
    return this.#word(index, MFN);
  }

  /** Whether an entry that is there lets the page be written. */
  isWritable(index: number): boolean {
    return this.#word(index, WRITABLE) === 1;
  }

  insert(rid: number, vpn: number, mfn: number, writable: boolean): void {
    const index = this.#index(rid, vpn);
    const number = index >>> SECTION_SHIFT;
    const section = this.#sections[number] ?? this.#make(number);
    const at = (index & SECTION_MASK) * BUCKET_WORDS;
    section[at] = rid + 1;
    section[at + VPN] = vpn;
    section[at + MFN] = mfn;
    section[at + WRITABLE] = writable ? 1 : 0;
  }

  purge(rid: number, vpn: number): boolean {
    const index = this.find(rid, vpn);
    if (index < 0) return false;
    this.#sections[index >>> SECTION_SHIFT]![(index & SECTION_MASK) * BUCKET_WORDS] = 0;
    return true;
  }

  flush(): void {
    for (const section of this.#sections) section?.fill(0);
  }

  /** Calls back for every entry, in the order of the buckets. */
  forEach(visit: (rid: number, vpn: number, mfn: number, writable: boolean) => void): void {
    for (const section of this.#sections) {
      if (section === undefined) continue;
      for (let at = 0; at < section.length; at += BUCKET_WORDS) {
        if (section[at] !== 0)
          visit(section[at] - 1, section[at + VPN], section[at + MFN], section[at + WRITABLE] === 1);
      }
    }
  }

  checkpoint(archive: Archive): void {
    const made = this.#sections.flatMap((section, number) => (section === undefined ? [] : [number]));
    const numbers = archive.numbers('sections', made);
    if (archive.reading) this.release();
    for (const number of numbers) archive.view(`${number}`, this.#sections[number] ?? this.#make(number));
  }

  /** Gives its memory back; it is empty then. */
  release(): void {
    this.#sections.forEach((section, number) => {
      if (section !== undefined) this.#arena.free(section);
      this.#sections[number] = undefined;
    });
  }

  #make(number: number): Uint32Array {
    const section = this.#arena.uint32(SECTION_BUCKETS * BUCKET_WORDS);
    this.#sections[number] = section;
    return section;
  }

  #word(index: number, word: number): number {
    return this.#sections[index >>> SECTION_SHIFT]![(index & SECTION_MASK) * BUCKET_WORDS + word];
  }

  #index(rid: number, vpn: number): number {
    return (vpn ^ Math.imul(rid, 0x9e3779b1)) & this.#mask;
  }
}
