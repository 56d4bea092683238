import { crc32, inflateRawSync } from 'node:zlib';
import { format } from './format.js';
import type { TraceSummary } from './format.js';
import { badTrace, readHeaders } from './header.js';
import type { BlockPlace } from './header.js';

/** A trace in memory. Pages are numbered from 0 in ascending order of address. */
export interface DecodedTrace extends TraceSummary {
  /** Page number (address / 4096) of each distinct page, ascending. */
  readonly pageNumbers: Float64Array;
  /** Which page each run is on: an index into `pageNumbers`. */
  readonly runPages: Uint32Array;
  /** Of each run: accesses × 2 + (1 for a store). */
  readonly runSpans: Uint32Array;
}

/**
 * Decodes a trace file and checks all that it says of itself: checksums, then every count against the runs.
 *
 * @throws UserError (code `trace`) with the byte where the file is wrong
 */
export function decodeTrace(bytes: Uint8Array, file: string): DecodedTrace {
  const { summary, blocks } = readHeaders(bytes, file);
  const pages = createPageIndex(summary.distinctPages);
  const runPages = new Uint32Array(summary.runs);
  const runSpans = new Uint32Array(summary.runs);
  let start = 0;
  for (const block of blocks) {
    const payload = inflate(bytes, block, file);
    const fault = decodePayload(payload, pages, runPages.subarray(start, start + block.runs), runSpans.subarray(start));
    if (fault !== null)
      throw badTrace(file, block.offset, `the block can't be decoded: ${fault}`, 'runs as format.ts says');
    start += block.runs;
  }
  checkCounts(summary, pages.count, runSpans, file);
  return { ...summary, pageNumbers: sortPages(pages, runPages), runPages, runSpans };
}

/** Pages in the order in which they first came. */
interface PageIndex {
  readonly ids: Map<number, number>;
  readonly numbers: Float64Array;
  count: number;
}

function createPageIndex(limit: number): PageIndex {
  return { ids: new Map(), numbers: new Float64Array(limit), count: 0 };
}

function inflate(bytes: Uint8Array, block: BlockPlace, file: string): Uint8Array {
  const { offset, storedBytes, inflatedBytes, checksum } = block;
  const stored = bytes.subarray(offset, offset + storedBytes);
  if (crc32(stored) !== checksum)
    throw badTrace(
      file,
      offset,
      'the block does not match its checksum',
      `the CRC-32 of ${storedBytes} bytes from here`,
    );
  let payload: Uint8Array | null = null;
  try {
    payload = inflateRawSync(stored, { maxOutputLength: inflatedBytes });
  } catch {
    payload = null;
  }
  if (payload?.length !== inflatedBytes)
    throw badTrace(file, offset, "the block can't be inflated", `raw deflate of ${inflatedBytes} bytes`);
  return payload;
}

/** Decodes one inflated block into `runPages` and `runSpans`; returns what is wrong with it, or null. */
function decodePayload(
  payload: Uint8Array,
  pages: PageIndex,
  runPages: Uint32Array,
  runSpans: Uint32Array,
): string | null {
  const count = runPages.length;
  const last = format.listLength - 1;
  const list = new Int32Array(format.listLength).fill(-1);
  const { ids, numbers } = pages;
  let at = count;
  let id = -1;
  for (let run = 0; run < count; run += 1) {
    const token = payload[run];
    const place = token & 15;
    let repeats = (token >>> 5) + 1;
    if (repeats === 8) {
      const end = varintEnd(payload, at, 5);
      if (end < 0) return 'a number of accesses is cut off or too long';
      repeats += varint(payload, at, end);
      if (repeats > format.maxRepeats) return 'a run has too many accesses';
      at = end;
    }
    if (place < format.listLength) {
      id = list[place];
      if (id < 0) return 'a run refers to a page that has not come yet';
      for (let move = place; move > 0; move -= 1) list[move] = list[move - 1];
    } else {
      const end = varintEnd(payload, at, 7);
      if (end < 0) return 'a page is cut off or too long';
      const zigzag = varint(payload, at, end);
      at = end;
      const page = (run === 0 ? 0 : numbers[id]) + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
      if (page < 0 || page >= format.pageNumberLimit) return 'a page number is out of range';
      const known = ids.get(page);
      if (known === undefined) {
        if (pages.count === numbers.length) return 'it has more distinct pages than the header says';
        id = pages.count;
        ids.set(page, id);
        numbers[id] = page;
        pages.count += 1;
      } else id = known;
      for (let move = last; move > 0; move -= 1) list[move] = list[move - 1];
    }
    list[0] = id;
    runPages[run] = id;
    runSpans[run] = repeats * 2 + ((token >>> 4) & 1);
  }
  return at === payload.length ? null : 'bytes are left over';
}

/** Offset after the varint at `at`; −1 when it is longer than `longest` bytes or cut off. */
function varintEnd(bytes: Uint8Array, at: number, longest: number): number {
  const limit = Math.min(bytes.length, at + longest);
  for (let end = at; end < limit; end += 1) if (bytes[end] < 128) return end + 1;
  return -1;
}

function varint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let index = end - 1; index >= at; index -= 1) value = value * 128 + (bytes[index] & 127);
  return value;
}

function checkCounts(summary: TraceSummary, distinctPages: number, runSpans: Uint32Array, file: string): void {
  let loads = 0;
  let stores = 0;
  for (let run = 0; run < runSpans.length; run += 1) {
    const span = runSpans[run];
    if ((span & 1) === 1) stores += span >>> 1;
    else loads += span >>> 1;
  }
  if (loads !== summary.loads)
    throw badTrace(file, 24, `the header says ${summary.loads} loads`, `${loads}, as the runs have`);
  if (stores !== summary.stores)
    throw badTrace(file, 32, `the header says ${summary.stores} stores`, `${stores}, as the runs have`);
  if (distinctPages !== summary.distinctPages)
    throw badTrace(
      file,
      48,
      `the header says ${summary.distinctPages} distinct pages`,
      `${distinctPages}, as the runs have`,
    );
}

/** Renumbers `runPages` in ascending order of address and returns the page numbers in that order. */
function sortPages(pages: PageIndex, runPages: Uint32Array): Float64Array {
  const sorted = pages.numbers.toSorted();
  const rank = new Uint32Array(sorted.length);
  for (const [index, page] of sorted.entries()) rank[pages.ids.get(page) as number] = index;
  for (let run = 0; run < runPages.length; run += 1) runPages[run] = rank[runPages[run]];
  return sorted;
}
