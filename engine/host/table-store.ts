import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from './arena.js';

/** Contents of the frames that hold page tables, entry by entry, by machine frame. */
export class TableStore implements Checkpointed {
  readonly #arena: Arena;
  readonly #tables = new Map<number, Uint32Array>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Frames that hold a table. */
  get size(): number {
    return this.#tables.size;
  }

  get(frame: number): Uint32Array | undefined {
    return this.#tables.get(frame);
  }

  /** Puts a table of this many zeroed entries into the frame, in place of what was there. */
  make(frame: number, entries: number): Uint32Array {
    this.delete(frame);
    const table = this.#arena.uint32(entries);
    this.#tables.set(frame, table);
    return table;
  }

  /** Copies a table into the frame. */
  set(frame: number, entries: Uint32Array): void {
    this.make(frame, entries.length).set(entries);
  }

  /** Whether there was a table in the frame that is gone now. */
  delete(frame: number): boolean {
    const table = this.#tables.get(frame);
    if (table === undefined) return false;
    this.#arena.free(table);
    return this.#tables.delete(frame);
  }

  checkpoint(archive: Archive): void {
    const frames = archive.numbers('frames', [...this.#tables.keys()]);
    const lengths = archive.numbers(
      'lengths',
      Array.from(this.#tables.values(), ({ length }) => length),
    );
    if (archive.reading) for (const frame of this.#tables.keys()) this.delete(frame);
    frames.forEach((frame, index) => {
      archive.view(`table ${frame}`, this.#tables.get(frame) ?? this.make(frame, lengths[index]));
    });
  }
}
