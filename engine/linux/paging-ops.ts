import type { Checkpointed } from '../checkpoint/archive.js';
import type { MovedFrames } from '../domain/moved-frames.js';
import type { Mfn } from '../host/frame-number.js';
import type { TableLevel } from '../x86/pv-memory.js';
import type { Mm } from './mm.js';

/** An entry of a page-table page. */
export interface EntryPlace {
  readonly table: Mfn;
  readonly index: number;
}

/**
 * How Linux changes page tables on what it runs on: the seam that its kernel has for this. Bare hardware and every
 * translated model take the plain operations; a P2M guest asks the hypervisor.
 */
export interface PagingOps extends Checkpointed {
  /** Whether an entry of level 2 may map memory itself. */
  readonly largePages: boolean;
  /** Sets a lowest-level entry, or changes one whose flags the hardware may have changed meanwhile. */
  setLeaf(place: EntryPlace, entry: number): void;
  /** Sets an entry of a higher level; the root of an address space may have a twin for user mode. */
  setBranch(mm: Mm, place: EntryPlace, entry: number): void;
  /** Changes a live lowest-level entry by one locked instruction. */
  exchangeLeaf(place: EntryPlace, entry: number): void;
  /** A table page was added to, or is taken out of, an address space. */
  tableAdded(mm: Mm, table: Mfn, level: TableLevel): void;
  tableRemoved(mm: Mm, table: Mfn, level: TableLevel): void;
  /** Between these two, entries that are set may be held back and done together. */
  enterLazy(): void;
  leaveLazy(): void;
  /** A new root takes over what the kernel maps for itself in every address space, where that is in the guest's tables. */
  rootAdded(root: Mfn): void;
  /** A new address space is complete and will be run in; one is about to be torn down; its areas and tables are gone. */
  entered(mm: Mm): void;
  exiting(mm: Mm): void;
  exited(mm: Mm): void;
  /** Loads the address space; null for the kernel's own. */
  activate(mm: Mm | null): void;
  /** The kernel gives up its own mapping of a frame that it is about to give back, or makes it again. */
  mapKernelPage(mfn: Mfn, mapped: boolean): void;
  /** The kernel fills a frame through its own mapping: with zeros, or with a copy. */
  fillFrame(mfn: Mfn, zeros: boolean): void;
  /** Flushes a range of pages of the address space from the TLB. */
  flushPages(mm: Mm, firstPage: number, pages: number): void;
  /** Flushes all of an address space; null for everything, the kernel's own mappings too. */
  flushAll(mm: Mm | null): void;
  /**
   * Whether an access of the loaded program goes through as the MMU is; where it does not, it faults. Null where programs'
   * accesses go by no MMU, and the tables alone decide.
   */
  readonly reaches: ((mm: Mm, vpn: number, write: boolean) => boolean) | null;
  /** Frames of the domain moved, page tables among them. */
  follow(moved: MovedFrames): void;
  /** A page fault of the program reaches its kernel. */
  faultDelivered(): void;
  /** The kernel returns to the program. */
  returnToUser(): void;
}
