import { crc32, deflateRawSync } from 'node:zlib';
import { format } from './format.js';
import type { RunBlock, TraceSummary } from './format.js';

/** Collects blocks of runs and makes the file of them. */
export interface TraceEncoder {
  /** Appends a block. Every block but the last has `format.blockRuns` runs. */
  add(block: RunBlock): void;
  /** The whole file. Nothing can be added after it. */
  finish(): { readonly bytes: Uint8Array; readonly summary: TraceSummary };
}

/** Makes an encoder for one trace file; see format.ts for the layout. Throws a RangeError on runs that the format can't hold. */
export function createTraceEncoder(): TraceEncoder {
  const headers: Uint8Array[] = [];
  const bodies: Uint8Array[] = [];
  const distinct = new Set<number>();
  const payload = new Uint8Array(format.blockRuns * format.maxBytesPerRun);
  const extras = new Uint8Array(format.blockRuns * (format.maxBytesPerRun - 1));
  let loads = 0;
  let stores = 0;
  let runs = 0;
  let open = true;

  return {
    add(block) {
      if (!open) throw new RangeError('a block came after a shorter one, or after the end');
      if (block.count === 0) return;
      const length = encodeBlock(block, payload, extras, distinct);
      for (let index = 0; index < block.count; index += 1) {
        const span = block.spans[index];
        if (span % 2 === 1) stores += span >>> 1;
        else loads += span >>> 1;
      }
      runs += block.count;
      if (runs > format.maxRuns) throw new RangeError(`more than ${format.maxRuns} runs`);
      const body = deflateRawSync(payload.subarray(0, length), { level: 9, memLevel: 9, windowBits: 15 });
      const header = new Uint8Array(format.blockHeaderBytes);
      const view = new DataView(header.buffer);
      view.setUint32(0, block.count, true);
      view.setUint32(4, length, true);
      view.setUint32(8, body.length, true);
      view.setUint32(12, crc32(body), true);
      headers.push(header);
      bodies.push(body);
      open = block.count === format.blockRuns;
    },
    finish() {
      open = false;
      const summary = { accesses: loads + stores, loads, stores, runs, distinctPages: distinct.size };
      const parts: Uint8Array[] = [fileHeader(summary, headers)];
      for (const [index, header] of headers.entries()) parts.push(header, bodies[index]);
      return { bytes: Buffer.concat(parts), summary };
    },
  };
}

function fileHeader(summary: TraceSummary, blockHeaders: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(format.headerBytes);
  const view = new DataView(header.buffer);
  header.set(format.magic);
  view.setUint16(8, format.version, true);
  view.setUint16(10, format.headerBytes, true);
  view.setUint32(12, format.pageBytes, true);
  const counts = [summary.accesses, summary.loads, summary.stores, summary.runs, summary.distinctPages];
  for (const [index, count] of counts.entries()) view.setBigUint64(16 + 8 * index, BigInt(count), true);
  view.setUint32(56, blockHeaders.length, true);
  view.setUint32(60, crc32(Buffer.concat(blockHeaders)), true);
  view.setUint32(64, crc32(header.subarray(0, 64)), true);
  return header;
}

/** Writes a block's tokens and extras into `payload` and returns their length; adds pages that the list lacks to `distinct`. */
function encodeBlock(block: RunBlock, payload: Uint8Array, extras: Uint8Array, distinct: Set<number>): number {
  const { pages, spans, count } = block;
  if (count > format.blockRuns) throw new RangeError(`a block has at most ${format.blockRuns} runs, not ${count}`);
  const last = format.listLength - 1;
  const list = new Float64Array(format.listLength).fill(-1);
  let at = 0;
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const page = pages[index];
    const span = spans[index];
    const repeats = span >>> 1;
    if (repeats < 1 || repeats > format.maxRepeats || !(page >= 0 && page < format.pageNumberLimit))
      throw new RangeError(`run ${index} of the block can't be written: page ${page}, ${repeats} accesses`);
    let place = 0;
    while (place < format.listLength && list[place] !== page) place += 1;
    for (let move = place > last ? last : place; move > 0; move -= 1) list[move] = list[move - 1];
    list[0] = page;
    const short = repeats < 8 ? repeats - 1 : 7;
    payload[index] = place | ((span & 1) << 4) | (short << 5);
    if (short === 7) at = writeVarint(extras, at, repeats - 8);
    if (place === format.listLength) {
      distinct.add(page);
      const delta = page - before;
      at = writeVarint(extras, at, delta < 0 ? -2 * delta - 1 : 2 * delta);
    }
    before = page;
  }
  payload.set(extras.subarray(0, at), count);
  return count + at;
}

/** Writes `value` (a whole number below 2^53) at `at` and returns the offset after it. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest >= 128) {
    bytes[end] = (rest % 128) | 128;
    end += 1;
    rest = Math.floor(rest / 128);
  }
  bytes[end] = rest;
  return end + 1;
}
