import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { contextOf } from '../domain/address-spaces.js';
import type { Arena } from './arena.js';

/** Entries of one group (PTEG): the hardware walker reads a group at a time. */
export const GROUP_ENTRIES = 8;
/** Bytes of an entry. */
export const HASH_ENTRY_BYTES = 16;
const SEGMENT_BYTES = 2 ** 28;
/** Linux spreads segments over the table by a multiplier, modulo 2^36 − 1 (asm-powerpc/mmu.h of 2006). */
const VSID_MULTIPLIER = 200_730_139n;
const VSID_MODULUS = 2n ** 36n - 1n;

/**
 * The hashed page table of ppc64, the hypervisor's, one a domain: groups of eight entries. A page may be in the group that its
 * hash names or in that of the complement, the secondary one. Entries are of one page or of a large one.
 */
export class HashTable implements Checkpointed {
  readonly groups: number;
  readonly entries: number;
  /** −1 in an empty entry. */
  readonly rid: Int32Array;
  readonly vpn: Uint32Array;
  readonly mfn: Uint32Array;
  readonly log2Pages: Uint8Array;
  readonly writable: Uint8Array;
  readonly #arena: Arena;
  readonly #segmentLog2: number;
  readonly #largeLog2: number;
  readonly #vsids = new Map<number, number>();

  /** `groups` is a power of two; a large entry covers 2^largeLog2 pages. */
  constructor(arena: Arena, groups: number, pageBytes: number, largeLog2: number) {
    this.#arena = arena;
    this.groups = groups;
    this.entries = groups * GROUP_ENTRIES;
    this.#segmentLog2 = Math.log2(SEGMENT_BYTES / pageBytes);
    this.#largeLog2 = largeLog2;
    this.rid = arena.int32(this.entries).fill(-1);
    this.vpn = arena.uint32(this.entries);
    this.mfn = arena.uint32(this.entries);
    this.log2Pages = arena.uint8(this.entries);
    this.writable = arena.uint8(this.entries);
  }

  /** The entry that translates the page, or −1. */
  find(rid: number, vpn: number): number {
    const small = this.#findOf(rid, vpn, 0);
    return small >= 0 || this.#largeLog2 === 0 ? small : this.#findOf(rid, vpn, this.#largeLog2);
  }

  /** The page's group of the first or the second choice. */
  group(rid: number, vpn: number, log2Pages: number, secondary: boolean): number {
    const index = (vpn & (2 ** this.#segmentLog2 - 1)) >>> log2Pages;
    const hash = this.#vsid(rid, vpn >>> this.#segmentLog2) ^ index;
    return (secondary ? ~hash : hash) & (this.groups - 1);
  }

  /** Puts an entry into the first free place of a group; −1 when all eight are in use. */
  enter(group: number, rid: number, vpn: number, mfn: number, log2Pages: number, writable: boolean): number {
    for (let entry = group * GROUP_ENTRIES; entry < (group + 1) * GROUP_ENTRIES; entry += 1) {
      if (this.rid[entry] >= 0) continue;
      this.rid[entry] = rid;
      this.vpn[entry] = vpn;
      this.mfn[entry] = mfn;
      this.log2Pages[entry] = log2Pages;
      this.writable[entry] = writable ? 1 : 0;
      return entry;
    }
    return -1;
  }

  remove(entry: number): void {
    this.rid[entry] = -1;
  }

  clear(): void {
    this.rid.fill(-1);
  }

  checkpoint(archive: Archive): void {
    archive.view('rid', this.rid);
    archive.view('vpn', this.vpn);
    archive.view('mfn', this.mfn);
    archive.view('log2Pages', this.log2Pages);
    archive.view('writable', this.writable);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    this.#arena.free(this.rid, this.vpn, this.mfn, this.log2Pages, this.writable);
  }

  #findOf(rid: number, vpn: number, log2Pages: number): number {
    const first = ((vpn >>> log2Pages) << log2Pages) >>> 0;
    for (const secondary of [false, true]) {
      const start = this.group(rid, vpn, log2Pages, secondary) * GROUP_ENTRIES;
      for (let entry = start; entry < start + GROUP_ENTRIES; entry += 1) {
        if (this.vpn[entry] === first && this.rid[entry] === rid && this.log2Pages[entry] === log2Pages) return entry;
      }
    }
    return -1;
  }

  /**
   * The low 31 bits of the virtual segment id, which is all that a table below 2^31 groups can tell apart. It is the guest's own number, so
   * that it is the same in whatever order domains were built.
   */
  #vsid(rid: number, segment: number): number {
    const proto = contextOf(rid) * 2 ** 15 + segment;
    let vsid = this.#vsids.get(proto);
    if (vsid === undefined) {
      vsid = Number(((BigInt(proto) * VSID_MULTIPLIER) % VSID_MODULUS) & 0x7fff_ffffn);
      this.#vsids.set(proto, vsid);
    }
    return vsid;
  }
}
