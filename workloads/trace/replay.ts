import { MAX_PATTERN_PAGES, MAX_REPEATS, encodeAccess } from '../../engine/index.js';
import type { AccessPattern } from '../../engine/index.js';
import { UserError } from '../../input/user-error.js';
import type { DecodedTrace } from './decode.js';
import { format } from './format.js';

/** A trace as access words for one page size; made once and shared by every pattern that replays it. */
export interface EncodedTrace {
  /** Distinct pages of that size. */
  readonly pages: number;
  /** Never empty. */
  readonly words: Uint32Array;
}

/**
 * Turns a trace into access words for a page size: pages of 4 KiB are merged into the larger ones they lie in, those are
 * numbered from 0 in ascending order of address, and neighbouring runs on the same page of the same kind become one.
 *
 * @param pageBytes a power of two, 4096 or more
 * @throws UserError (code `trace`) when the trace is empty or has more pages than an access word can name
 */
export function encodeTrace(trace: DecodedTrace, pageBytes: number, file: string): EncodedTrace {
  const ratio = pageBytes / format.pageBytes;
  if (!Number.isInteger(Math.log2(ratio)) || ratio < 1)
    throw new RangeError(`pages of ${pageBytes} bytes: traces replay on powers of two from ${format.pageBytes}`);
  const { numbers, pages } = mergePages(trace.pageNumbers, ratio);
  if (trace.runs === 0 || pages > MAX_PATTERN_PAGES)
    throw new UserError({
      code: 'trace',
      message: `the trace has ${pages} pages of ${pageBytes} bytes`,
      where: { file },
      expected: `1 to ${MAX_PATTERN_PAGES} pages`,
      hint: 'record a program that touches memory, or a shorter stretch of it',
    });
  const { runPages, runSpans, runs } = trace;
  // Locals: under tsx and vitest each use of an import is a look-up.
  const encode = encodeAccess;
  const longest = MAX_REPEATS;
  let words = new Uint32Array(runs + 1);
  let count = 0;
  let page = numbers[runPages[0]];
  let write = runSpans[0] & 1;
  let accesses = 0;
  for (let run = 0; run <= runs; run += 1) {
    const nextPage = run < runs ? numbers[runPages[run]] : -1;
    const span = run < runs ? runSpans[run] : 0;
    if (nextPage === page && (span & 1) === write) {
      accesses += span >>> 1;
      continue;
    }
    if (accesses > longest) words = makeRoom(words, count + Math.ceil(accesses / longest) + runs - run, file);
    for (; accesses > longest; accesses -= longest) {
      words[count] = encode(page, write === 1, longest);
      count += 1;
    }
    words[count] = encode(page, write === 1, accesses);
    count += 1;
    page = nextPage;
    write = span & 1;
    accesses = span >>> 1;
  }
  return { pages, words: words.slice(0, count) };
}

/**
 * A pattern that replays an encoded trace.
 *
 * @param wrap start again at the end, for ever; otherwise the pattern ends where the trace does
 * @param start the word to begin with, from 0 to below `words.length`
 */
export function replayPattern(trace: EncodedTrace, { wrap = true, start = 0 } = {}): AccessPattern {
  const { words, pages } = trace;
  let next = start;
  return {
    pages,
    fill(buffer) {
      let filled = 0;
      while (filled < buffer.length) {
        if (next === words.length) {
          if (!wrap) break;
          next = 0;
        }
        const count = Math.min(buffer.length - filled, words.length - next);
        buffer.set(words.subarray(next, next + count), filled);
        filled += count;
        next += count;
      }
      return filled;
    },
    checkpoint(archive) {
      next = archive.value('next', next);
    },
  };
}

/** Number of the larger page that each page of 4 KiB lies in, and how many of those there are. */
function mergePages(
  pageNumbers: Float64Array,
  ratio: number,
): { readonly numbers: Uint32Array; readonly pages: number } {
  const numbers = new Uint32Array(pageNumbers.length);
  let pages = 0;
  let before = -1;
  for (let index = 0; index < numbers.length; index += 1) {
    const larger = Math.floor(pageNumbers[index] / ratio);
    if (larger !== before) pages += 1;
    before = larger;
    numbers[index] = pages - 1;
  }
  return { numbers, pages };
}

/** The words, or a copy with room for `needed`. */
function makeRoom(words: Uint32Array<ArrayBuffer>, needed: number, file: string): Uint32Array<ArrayBuffer> {
  if (needed <= words.length) return words;
  if (needed > format.maxRuns)
    throw new UserError({
      code: 'trace',
      message: 'the trace has too many accesses',
      where: { file },
      expected: `at most ${format.maxRuns} stretches of ${MAX_REPEATS} accesses`,
      hint: 'record a shorter stretch of the program',
    });
  const larger = new Uint32Array(Math.min(format.maxRuns, needed * 2));
  larger.set(words);
  return larger;
}
