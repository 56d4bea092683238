import { NO_FRAME } from '../host/frame-number.js';
import type { TableStore } from '../host/table-store.js';
import { entryFrame } from '../host/entry.js';
import { type RadixFormat, pagesAt } from './format.js';
import type { RadixMemory, RadixTable } from './radix-table.js';

/** Who hands out frames for tables: a heap, a pool, a guest's kernel. */
export interface FrameSource {
  /** A frame, or `NO_FRAME`. */
  take(): number;
  giveBack(frame: number): void;
}

/** Tables in machine frames: those of a native kernel, or of the hypervisor. */
export class MachineTableFrames implements RadixMemory {
  /** Contents of the frames that hold tables, by machine frame. */
  readonly tables: TableStore;
  readonly #entries: number;
  readonly #source: FrameSource;

  constructor(format: RadixFormat, source: FrameSource, tables: TableStore) {
    this.#entries = 2 ** format.indexBits;
    this.#source = source;
    this.tables = tables;
  }

  entriesAt(frame: number): Uint32Array | undefined {
    return this.tables.get(frame);
  }

  newTable(): number {
    const frame = this.#source.take();
    if (frame !== NO_FRAME) this.tables.make(frame, this.#entries);
    return frame;
  }

  freeTable(frame: number): void {
    if (!this.tables.delete(frame)) throw new Error(`table ${frame} freed twice`);
    this.#source.giveBack(frame);
  }

  store(frame: number, index: number, entry: number): void {
    this.tables.get(frame)![index] = entry;
  }
}

/** Tables in guest frames, whose contents stand in the machine frames where a second stage puts them. */
export class GuestTableFrames implements RadixMemory {
  readonly #machine: MachineTableFrames;
  readonly #second: RadixTable;
  readonly #source: FrameSource;

  constructor(machine: MachineTableFrames, second: RadixTable, source: FrameSource) {
    this.#machine = machine;
    this.#second = second;
    this.#source = source;
  }

  /** The machine frame behind a guest frame, or `NO_FRAME`. */
  machineFrame(guestFrame: number): number {
    const level = this.#second.leafLevel(guestFrame);
    if (level < 0) return NO_FRAME;
    return entryFrame(this.#second.leafEntry(guestFrame)) + (guestFrame % pagesAt(this.#second.format, level));
  }

  entriesAt(guestFrame: number): Uint32Array | undefined {
    return this.#machine.tables.get(this.machineFrame(guestFrame));
  }

  newTable(): number {
    const guestFrame = this.#source.take();
    if (guestFrame === NO_FRAME) return NO_FRAME;
    const entries = 2 ** this.#second.format.indexBits;
    this.#machine.tables.make(this.machineFrame(guestFrame), entries);
    return guestFrame;
  }

  freeTable(guestFrame: number): void {
    if (!this.#machine.tables.delete(this.machineFrame(guestFrame))) throw new Error(`table ${guestFrame} freed twice`);
    this.#source.giveBack(guestFrame);
  }

  store(guestFrame: number, index: number, entry: number): void {
    this.entriesAt(guestFrame)![index] = entry;
  }
}
