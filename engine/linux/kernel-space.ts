import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import { type MovedFrames, afterMove } from '../domain/moved-frames.js';
import { EntryFlag, entryFrame, packEntry } from '../host/entry.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn } from '../host/frame-number.js';
import { X86_64_TABLES, indexAt } from './mm.js';
import type { TableLevel } from '../x86/pv-memory.js';

/**
 * Where Linux on x86-64 keeps what is its own, in page numbers of 48-bit addresses, without randomisation
 * (Documentation/x86/x86_64/mm.rst). Each lies under an entry of the root of its own.
 */
const DIRECT_MAP = 0x8_8800_0000;
const STACKS = 0xc_9000_0000;
const FRAME_DESCRIPTORS = 0xe_a000_0000;
const CPU_ENTRY_AREA = 0xf_e000_0000;
const TEXT = 0xf_ffff_8100_0;

/** Frames that a page of `struct page` describes. */
const FRAMES_A_DESCRIPTOR_PAGE = 64;
const FRAMES_A_LARGE_ENTRY = 512;
const LEAF = EntryFlag.present | EntryFlag.accessed | EntryFlag.writable | EntryFlag.dirty;

/** The page where Linux maps a frame of its memory. */
export const directPage = (pfn: number): number => DIRECT_MAP + pfn;

/**
 * The kernel's own part of every address space, in page tables of the guest: all memory in 2 MiB entries, and single pages of
 * what a trap runs through: its text, the area of the processor, a stack, data of the processor, descriptors of frames.
 */
export class KernelSpace implements Checkpointed {
  readonly #domain: Domain;
  #root = asMfn(NO_FRAME);
  /** The frame of the processor's own data. */
  #data = asPfn(NO_FRAME);

  /** `restored`: it comes out of a checkpoint, and so takes no frame. */
  constructor(domain: Domain, restored = false) {
    this.#domain = domain;
    if (restored) return;
    this.#root = this.#newTable();
    const owned = domain.model.ownedFrames();
    const frames = owned.at(-1)! + 1;
    for (let first = 0; first < frames; first += FRAMES_A_LARGE_ENTRY) {
      this.#map(directPage(first), packEntry(first, LEAF | EntryFlag.large), 2);
    }
    for (const page of [CPU_ENTRY_AREA, TEXT, STACKS]) this.#map(page, packEntry(this.#takeFrame(), LEAF), 1);
    for (let page = 0; page < Math.ceil(frames / FRAMES_A_DESCRIPTOR_PAGE); page += 1) {
      this.#map(FRAME_DESCRIPTORS + page, packEntry(this.#takeFrame(), LEAF), 1);
    }
    this.#data = this.#takeFrame();
  }

  /** The root that the kernel runs on while no program's is loaded. */
  get root(): Mfn {
    return this.#root;
  }

  /** Pages that every entry into the kernel reads, and writes. */
  get read(): readonly number[] {
    return [CPU_ENTRY_AREA, TEXT];
  }

  get written(): readonly number[] {
    return [STACKS, directPage(this.#data)];
  }

  /** Frames of the domain moved. */
  follow(moved: MovedFrames): void {
    this.#root = afterMove(moved, this.#root);
  }

  checkpoint(archive: Archive): void {
    this.#root = archive.value('root', this.#root);
    this.#data = archive.value('data', this.#data);
  }

  /** The page with the descriptor of a frame. */
  descriptorPage(pfn: Pfn): number {
    return FRAME_DESCRIPTORS + Math.floor(pfn / FRAMES_A_DESCRIPTOR_PAGE);
  }

  /** Gives a program's root the kernel's entries. */
  addTo(root: Mfn): void {
    const { tables } = this.#domain.host;
    const upper = X86_64_TABLES.userEntries;
    tables.get(root)!.set(tables.get(this.#root)!.subarray(upper), upper);
  }

  #takeFrame(): Pfn {
    const pfn = this.#domain.free.take();
    if (pfn === null) throw new Error(`${this.#domain.name} is too small for its kernel`);
    return pfn;
  }

  #newTable(): Mfn {
    const mfn = this.#domain.model.machineFrame(this.#takeFrame());
    this.#domain.host.tables.make(mfn, X86_64_TABLES.entries);
    return mfn;
  }

  #map(page: number, entry: number, level: TableLevel): void {
    const { host, model } = this.#domain;
    let table = this.#root;
    for (let at = 4; at > level; at -= 1) {
      const entries = host.tables.get(table)!;
      const index = indexAt(X86_64_TABLES, page, at as TableLevel);
      if (entries[index] === 0) entries[index] = packEntry(host.frames.guestFrame(this.#newTable()), LEAF);
      table = asMfn(model.machineFrame(asPfn(entryFrame(entries[index]))));
    }
    host.tables.get(table)![indexAt(X86_64_TABLES, page, level)] = entry;
  }
}
