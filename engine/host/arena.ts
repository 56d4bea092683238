/** What of WebAssembly's interface is used here; its types come only with those of a browser. */
interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
};

const WASM_PAGE = 65_536;
/** 32-bit addresses. */
const MAX_WASM_PAGES = 65_536;
/** What it begins with: 1 MiB. Memory is resident only where it is touched. */
const FIRST_WASM_PAGES = 16;
/** Blocks are multiples of a line of the cache, and begin at one. */
const LINE = 64;
/** What a freed block is filled with: no sensible frame, stamp or flag. */
const POISON = 0xa5;

type View = Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | Float64Array;

/**
 * The memory that all state of one simulation lies in, as views of typed arrays. It is one shared memory of WebAssembly, so
 * that compiled kernels can work on the same bytes, and so that views hold when it grows. A block is a line of the cache
 * or a multiple of it, and zeroed; one that was given back is the first to be given out again at its size.
 */
export class Arena {
  readonly #blocks = new Map<number, number>();
  readonly #freed = new Map<number, number[]>();
  #memory: SharedMemory | null = null;
  /** The first block begins here, so that no block has address 0. */
  #end = LINE;
  #bytes = 0;
  /** As large as the memory, and never touched: the collector does not count shared memory, and would leave it lying. */
  #counted: ArrayBuffer | null = null;

  /** Bytes of the blocks that are in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that it has grown to. */
  get size(): number {
    return this.#counted?.byteLength ?? 0;
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.#memoryFor(length), this.#take(length), length);
  }

  uint16(length: number): Uint16Array {
    return new Uint16Array(this.#memoryFor(length * 2), this.#take(length * 2), length);
  }

  int16(length: number): Int16Array {
    return new Int16Array(this.#memoryFor(length * 2), this.#take(length * 2), length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.#memoryFor(length * 4), this.#take(length * 4), length);
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.#memoryFor(length * 4), this.#take(length * 4), length);
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.#memoryFor(length * 8), this.#take(length * 8), length);
  }

  /** Gives blocks back. Nothing may use their views from here on. */
  free(...views: readonly View[]): void {
    for (const view of views) {
      const size = this.#blocks.get(view.byteOffset);
      if (size === undefined || view.buffer.byteLength < view.byteOffset + size) {
        throw new Error(`no block of the arena begins at ${view.byteOffset}`);
      }
      new Uint8Array(view.buffer, view.byteOffset, size).fill(POISON);
      this.#blocks.delete(view.byteOffset);
      const freed = this.#freed.get(size);
      if (freed === undefined) this.#freed.set(size, [view.byteOffset]);
      else freed.push(view.byteOffset);
      this.#bytes -= size;
    }
  }

  /** The memory with room for one more block. Growing is dear, so it doubles. */
  #memoryFor(bytes: number): SharedArrayBuffer {
    const size = blockSize(bytes);
    const had = (this.#memory?.buffer.byteLength ?? 0) / WASM_PAGE;
    const missing = Math.ceil((this.#end + size) / WASM_PAGE) - had;
    if (this.#memory !== null && (missing <= 0 || (this.#freed.get(size)?.length ?? 0) > 0)) return this.#memory.buffer;
    if (had + missing > MAX_WASM_PAGES) {
      throw new RangeError(`the state of the simulation needs more than ${MAX_WASM_PAGES / 16} MiB`);
    }
    if (this.#memory === null) {
      const initial = Math.max(missing, FIRST_WASM_PAGES);
      this.#memory = new WebAssembly.Memory({ initial, maximum: MAX_WASM_PAGES, shared: true });
    } else {
      this.#memory.grow(Math.min(MAX_WASM_PAGES - had, Math.max(missing, had)));
    }
    this.#counted = new ArrayBuffer(this.#memory.buffer.byteLength);
    return this.#memory.buffer;
  }

  /** The address of a zeroed block. */
  #take(bytes: number): number {
    const size = blockSize(bytes);
    let address = this.#freed.get(size)?.pop();
    if (address === undefined) {
      address = this.#end;
      this.#end += size;
    } else {
      new Uint8Array(this.#memory!.buffer, address, size).fill(0);
    }
    this.#blocks.set(address, size);
    this.#bytes += size;
    return address;
  }
}

const blockSize = (bytes: number): number => Math.max(1, Math.ceil(bytes / LINE)) * LINE;
