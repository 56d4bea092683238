import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';

/**
 * The virtual hash page table that the hardware walker reads and the hypervisor fills: one entry a bucket, of one page.
 * As in Xen/ia64 of 2006, an insert of a larger page puts only the touched page here.
 */
export class Vhpt implements Checkpointed {
  readonly entries: number;
  readonly rid: Int32Array;
  readonly vpn: Uint32Array;
  readonly mfn: Uint32Array;
  readonly writable: Uint8Array;
  readonly #arena: Arena;
  readonly #mask: number;

  /** `entries` is a power of two. */
  constructor(arena: Arena, entries: number) {
    this.#arena = arena;
    this.entries = entries;
    this.rid = arena.int32(entries).fill(-1);
    this.vpn = arena.uint32(entries);
    this.mfn = arena.uint32(entries);
    this.writable = arena.uint8(entries);
    this.#mask = entries - 1;
  }

  /** The index of the page's entry, or −1. */
  find(rid: number, vpn: number): number {
    const index = this.#index(rid, vpn);
    return this.rid[index] === rid && this.vpn[index] === vpn ? index : -1;
  }

  insert(rid: number, vpn: number, mfn: number, writable: boolean): void {
    const index = this.#index(rid, vpn);
    this.rid[index] = rid;
    this.vpn[index] = vpn;
    this.mfn[index] = mfn;
    this.writable[index] = writable ? 1 : 0;
  }

  purge(rid: number, vpn: number): boolean {
    const index = this.find(rid, vpn);
    if (index < 0) return false;
    this.rid[index] = -1;
    return true;
  }

  flush(): void {
    this.rid.fill(-1);
  }

  checkpoint(archive: Archive): void {
    archive.view('rid', this.rid);
    archive.view('vpn', this.vpn);
    archive.view('mfn', this.mfn);
    archive.view('writable', this.writable);
  }

  /** Gives its memory back. It is of no use afterwards. */
  release(): void {
    this.#arena.free(this.rid, this.vpn, this.mfn, this.writable);
  }

  #index(rid: number, vpn: number): number {
    return (vpn ^ Math.imul(rid, 0x9e3779b1)) & this.#mask;
  }
}
