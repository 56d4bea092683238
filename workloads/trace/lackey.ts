import { UserError } from '../../input/user-error.js';
import { format } from './format.js';
import type { RunBlock } from './format.js';

/** Reads lackey's text piece by piece, with no string per line. */
export interface LackeyReader {
  /** Takes the next bytes; pieces may end anywhere. Throws a UserError (code `trace`) with file, line and column. */
  feed(bytes: Uint8Array): void;
  /** Takes the end of the text. Throws a UserError when it ends inside a line or held no data access. */
  end(): void;
}

const newline = 10;
const space = 32;
const comma = 44;
const letters = { I: 73, L: 76, M: 77, S: 83 };
/** Signs with which Valgrind's own lines start: ==pid==, --pid--, **pid**. */
const ownSigns = new Set([61, 45, 42]);
const maxLineBytes = 1 << 20;
const maxAccessBytes = 65536;
const expectedLine =
  '" L address,size", " S …", " M …" or "I  address,size" with a hexadecimal address and a decimal size';

/** Value of a hexadecimal digit, −1 for any other byte. */
const hexDigit = Int8Array.from({ length: 256 }, (_, code) => {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  return code >= 65 && code <= 70 ? code - 55 : -1;
});

/**
 * Reads what `valgrind --tool=lackey --trace-mem=yes` writes and hands over blocks of runs (the block is reused after
 * `take` returns). Data accesses only: I lines (instruction fetches) and Valgrind's own lines are skipped unread. M
 * (modify) counts as a store.
 *
 * @param file name for error messages
 */
export function createLackeyReader(file: string, take: (block: RunBlock) => void): LackeyReader {
  const pages = new Float64Array(format.blockRuns);
  const spans = new Uint32Array(format.blockRuns);
  let count = 0;
  let line = 1;
  let carry = new Uint8Array(0);
  // The run that is still growing: page as high and low part (address bits 32 and up, bits 12 to 31).
  let high = -1;
  let low = -1;
  let write = 0;
  let repeats = 0;

  function fail(bytes: Uint8Array, lineStart: number, at: number, message: string, expected = expectedLine): never {
    const end = bytes.indexOf(newline, lineStart);
    const text = Buffer.from(
      bytes.subarray(lineStart, Math.min(end < 0 ? bytes.length : end, lineStart + 60)),
    ).toString('latin1');
    throw new UserError({
      code: 'trace',
      message: `${message}: ${JSON.stringify(text)}`,
      where: { file, line, column: at - lineStart + 1 },
      expected,
      hint: "record with valgrind --tool=lackey --trace-mem=yes --log-fd=9, so that the program's own output stays out of it",
    });
  }

  function closeRun(): void {
    if (repeats === 0) return;
    pages[count] = high * 0x100000 + low;
    spans[count] = repeats * 2 + write;
    repeats = 0;
    count += 1;
    if (count < format.blockRuns) return;
    take({ pages, spans, count });
    count = 0;
  }

  /** An access that does not continue the growing run. */
  function newRun(nextHigh: number, nextLow: number, nextWrite: number): void {
    closeRun();
    high = nextHigh;
    low = nextLow;
    write = nextWrite;
    repeats = 1;
  }

  /** Counts the further pages of an access that crosses page boundaries. */
  function cross(addressHigh: number, addressLow: number, size: number, kind: number): void {
    const first = addressHigh * 0x100000 + (addressLow >>> format.pageShift);
    const extra = ((addressLow & (format.pageBytes - 1)) + size - 1) >>> format.pageShift;
    for (let page = first + 1; page <= first + extra; page += 1)
      newRun(Math.floor(page / 0x100000), page % 0x100000, kind);
  }

  /** Parses whole lines: `bytes[end - 1]` is a newline. */
  function parse(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const lineStart = at;
      const sign = bytes[at];
      if (sign === space) {
        const letter = bytes[at + 1];
        const known = letter === letters.L || letter === letters.S || letter === letters.M;
        if (!known || bytes[at + 2] !== space)
          fail(bytes, lineStart, at + (known ? 2 : 1), "this is no line of lackey's trace");
        const kind = letter === letters.L ? 0 : 1;
        at += 3;
        const digits = at;
        let addressHigh = 0;
        let addressLow = 0;
        let digit = hexDigit[bytes[at]];
        while (digit >= 0) {
          addressHigh = (addressHigh << 4) | (addressLow >>> 28);
          addressLow = (addressLow << 4) | digit;
          at += 1;
          digit = hexDigit[bytes[at]];
        }
        if (at === digits || bytes[at] !== comma) fail(bytes, lineStart, at, 'the address is no hexadecimal number');
        if (at - digits > 15)
          fail(bytes, lineStart, digits, 'the address is too large', 'an address of at most 60 bits');
        at += 1;
        const sizeStart = at;
        let size = 0;
        let code = bytes[at];
        while (code >= 48 && code <= 57 && size <= maxAccessBytes) {
          size = size * 10 + code - 48;
          at += 1;
          code = bytes[at];
        }
        if (code !== newline || size === 0 || size > maxAccessBytes)
          fail(
            bytes,
            lineStart,
            sizeStart,
            'the size is wrong',
            `a whole number from 1 to ${maxAccessBytes}, then the end of the line`,
          );
        at += 1;
        line += 1;
        const pageLow = addressLow >>> format.pageShift;
        if (pageLow === low && addressHigh === high && kind === write && repeats < format.maxRepeats && repeats > 0)
          repeats += 1;
        else newRun(addressHigh, pageLow, kind);
        if ((addressLow & (format.pageBytes - 1)) + size > format.pageBytes) cross(addressHigh, addressLow, size, kind);
        continue;
      }
      const known =
        sign === letters.I
          ? bytes[at + 1] === space && bytes[at + 2] === space
          : ownSigns.has(sign) && bytes[at + 1] === sign;
      if (!known) fail(bytes, lineStart, at, "this is no line of lackey's trace");
      at += 2;
      while (bytes[at] !== newline) at += 1;
      at += 1;
      line += 1;
    }
  }

  return {
    feed(bytes) {
      let start = 0;
      if (carry.length > 0) {
        const end = bytes.indexOf(newline) + 1;
        const joined = Buffer.concat([carry, bytes.subarray(0, end === 0 ? bytes.length : end)]);
        carry = new Uint8Array(0);
        start = end === 0 ? bytes.length : end;
        if (end === 0) carry = joined;
        else parse(joined, 0, joined.length);
      }
      const end = bytes.lastIndexOf(newline) + 1;
      if (end > start) parse(bytes, start, end);
      if (bytes.length > Math.max(start, end)) carry = bytes.slice(Math.max(start, end));
      if (carry.length > maxLineBytes) fail(carry, 0, 0, 'the line is too long');
    },
    end() {
      if (carry.length > 0)
        fail(
          carry,
          0,
          carry.length,
          'the trace ends inside a line',
          'a newline at the end: was the recording cut off?',
        );
      closeRun();
      if (count > 0) take({ pages, spans, count });
      count = 0;
    },
  };
}
