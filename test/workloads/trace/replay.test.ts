import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AccessPattern } from '../../../engine/index.js';
import { UserError } from '../../../input/user-error.js';
import { decodeTrace } from '../../../workloads/trace/decode.js';
import { encodeTrace, replayPattern } from '../../../workloads/trace/replay.js';
import type { PlainRun } from './reference.js';
import { encodeRuns, fold, someRuns } from './reference.js';

const encoded = (runs: readonly PlainRun[], pageBytes: number) =>
  encodeTrace(decodeTrace(encodeRuns(runs), 'any.trace'), pageBytes, 'any.trace');

/** A word by the layout that engine/domain/access-pattern.ts states: page × 256 + (accesses − 1) × 2 + write. */
function plainWord(word: number): PlainRun {
  return [Math.floor(word / 256), word % 2 === 1, (Math.floor(word / 2) % 128) + 1];
}

const fillFrom = (pattern: AccessPattern, buffer: Uint32Array): number => pattern.fill(buffer);

/** Reads up to `limit` words through a buffer of an odd size. */
function read(pattern: AccessPattern, limit: number): number[] {
  const buffer = new Uint32Array(7);
  const words: number[] = [];
  while (words.length < limit) {
    const count = fillFrom(pattern, buffer);
    if (count === 0) break;
    words.push(...buffer.subarray(0, count));
  }
  return words;
}

/** Slow merging: pages of `ratio` times 4 KiB, numbered by the order of their addresses. */
function slowMerge(runs: readonly PlainRun[], ratio: number): readonly PlainRun[] {
  const larger = runs.map(([page, write, accesses]) => [Math.floor(page / ratio), write, accesses] as const);
  const order = [...new Set(larger.map(([page]) => page))].toSorted((a, b) => a - b);
  return fold(larger.map(([page, write, accesses]) => [order.indexOf(page), write, accesses] as const));
}

describe('replaying a trace', () => {
  test.each([4096, 8192, 16384, 65536])('at pages of %i bytes makes the accesses of the trace, merged', (pageBytes) => {
    const run: fc.Arbitrary<PlainRun> = fc.tuple(
      fc.oneof(fc.nat(40), fc.integer({ min: 2 ** 36, max: 2 ** 36 + 20 })),
      fc.boolean(),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 1000 })),
    );
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 60 }), (runs) => {
        const trace = encoded(runs, pageBytes);
        const expected = slowMerge(runs, pageBytes / 4096);
        expect(trace.pages).toBe(new Set(expected.map(([page]) => page)).size);
        const words = read(replayPattern(trace, { wrap: false }), Infinity).map(plainWord);
        expect(fold(words)).toEqual(expected);
        expect(words).toHaveLength(expected.reduce((sum, [, , accesses]) => sum + Math.ceil(accesses / 128), 0));
      }),
    );
  });

  test('splits a run into words of at most 128 accesses', () => {
    expect(Array.from(encoded([[9, true, 300]], 4096).words).map(plainWord)).toEqual([
      [0, true, 128],
      [0, true, 128],
      [0, true, 44],
    ]);
  });

  test('starts again at the end when asked to wrap, and ends there otherwise', () => {
    const trace = encoded(someRuns(10, 30), 4096);
    const once = Array.from(trace.words);
    expect(read(replayPattern(trace, { wrap: false }), Infinity)).toEqual(once);
    expect(read(replayPattern(trace), 25 * once.length).slice(0, 3 * once.length)).toEqual([...once, ...once, ...once]);
  });

  test('starts at the word that is asked for', () => {
    const trace = encoded(someRuns(10, 30), 4096);
    const once = Array.from(trace.words);
    const words = read(replayPattern(trace, { start: 4 }), 2 * once.length).slice(0, once.length);
    expect(words).toEqual([...once.slice(4), ...once.slice(0, 4)]);
  });

  test('fills the whole buffer from a trace shorter than it', () => {
    const buffer = new Uint32Array(1000);
    expect(fillFrom(replayPattern(encoded([[1, true, 1]], 4096)), buffer)).toBe(1000);
    expect(new Set(buffer)).toEqual(new Set([1]));
  });

  test('two patterns of one trace do not disturb each other', () => {
    const trace = encoded(someRuns(50, 30), 4096);
    const [first, second] = [replayPattern(trace), replayPattern(trace, { start: 20 })];
    fillFrom(first, new Uint32Array(13));
    const buffer = new Uint32Array(5);
    fillFrom(second, buffer);
    expect(buffer).toEqual(trace.words.subarray(20, 25));
  });

  test('an empty trace is refused, since it could never fill a buffer', () => {
    expect(() => encoded([], 4096)).toThrow(UserError);
  });

  test('a page size that traces cannot be merged to is refused', () => {
    for (const pageBytes of [0, 2048, 12_288]) expect(() => encoded([[1, true, 1]], pageBytes)).toThrow(RangeError);
  });
});
