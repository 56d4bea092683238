/**
 * The recorded-trace file: which 4 KiB pages a program read and wrote, in order.
 *
 * All integers are little-endian and unsigned.
 *
 * File header, 68 bytes:
 *
 *     offset  bytes  field
 *          0      8  magic: 89 'P' 'M' 'T' 0D 0A 1A 0A (a text-mode copy breaks it visibly)
 *          8      2  version, 1
 *         10      2  bytes of this header, 68
 *         12      4  page size, 4096
 *         16      8  data accesses = loads + stores
 *         24      8  loads
 *         32      8  stores (a modify, lackey's M, is one store)
 *         40      8  runs
 *         48      8  distinct pages
 *         56      4  blocks
 *         60      4  CRC-32 of all block headers, joined
 *         64      4  CRC-32 of bytes 0 to 63
 *
 * Then the blocks. Each stands alone: header of 16 bytes, then the stored bytes.
 *
 *          0      4  runs in the block: 65536, or what is left in the last block
 *          4      4  bytes after inflating
 *          8      4  stored bytes
 *         12      4  CRC-32 of the stored bytes, so that each bit of the file is under a checksum
 *
 * Stored bytes are raw deflate (RFC 1951). Inflated: one token byte a run, then the extras in run order.
 *
 *     token bits 0-3  place of the page in a move-to-front list of 15 pages; 15: not in the list
 *     token bit  4    1 for a store, 0 for a load
 *     token bits 5-7  accesses in the run less 1; 7: eight or more
 *
 * Extras of a run: when its accesses are eight or more, a varint of accesses − 8; when its page is not in the list, a
 * zigzag varint of its page number less the page number of the run before (0 before a block's first run). A varint has
 * seven bits a byte, low bits first, bit 7 set on all but the last byte. The list is empty where a block starts; a page
 * that is used moves to its front, a new one pushes the fifteenth out.
 *
 * A run is a stretch of consecutive accesses to one page of one kind. An access that crosses a page boundary counts once for
 * each page. Instruction fetches are not recorded, and what the kernel itself reads or writes on the program's behalf is not seen.
 */
export const format = {
  magic: Uint8Array.of(0x89, 0x50, 0x4d, 0x54, 0x0d, 0x0a, 0x1a, 0x0a),
  version: 1,
  headerBytes: 68,
  blockHeaderBytes: 16,
  pageBytes: 4096,
  pageShift: 12,
  blockRuns: 65536,
  listLength: 15,
  /** Runs in a file, so that a decoded trace stays within 2 GiB. */
  maxRuns: 2 ** 28,
  /** Accesses in one run; a longer stretch is several runs. */
  maxRepeats: 2 ** 30,
  /** Page numbers lie below it: addresses of 60 bits. */
  pageNumberLimit: 2 ** 48,
  /** Token, repeats of up to 5 bytes, delta of up to 7. */
  maxBytesPerRun: 13,
} as const;

/** What a trace file says of itself. */
export interface TraceSummary {
  readonly accesses: number;
  readonly loads: number;
  readonly stores: number;
  readonly runs: number;
  /** At 4 KiB. */
  readonly distinctPages: number;
}

/**
 * Runs as the importer makes them. `spans[i]` is accesses × 2 + (1 for a store). Only the first `count` are valid.
 */
export interface RunBlock {
  readonly pages: Float64Array;
  readonly spans: Uint32Array;
  readonly count: number;
}
