import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../engine/host/arena.js';
import { FrameSet } from '../../../engine/host/frame-set.js';
import { SparseWords } from '../../../engine/host/sparse-words.js';
import { asPfn } from '../../../engine/host/frame-number.js';

const SECTION_BYTES = 4096;
const far = fc.oneof(fc.nat(40), fc.nat(5000), fc.integer({ min: 0, max: 2 ** 31 - 1 }));

describe('sparse words', () => {
  it('are what was set last, zero elsewhere, and come in ascending order of their numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(far, fc.nat(2 ** 32 - 1))), (settings) => {
        const words = new SparseWords(new Arena());
        const expected = new Map<number, number>();
        for (const [index, word] of settings) {
          words.set(index, word);
          expected.set(index, word);
        }
        for (const [index, word] of expected) expect(words.get(index)).toBe(word);
        const found: [number, number][] = [];
        words.forEach((index, word) => found.push([index, word]));
        expect(found).toEqual([...expected].filter(([, word]) => word !== 0).toSorted(([a], [b]) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it('take a section where something was set, none for holes or zeroes, and give all back', () => {
    const arena = new Arena();
    const words = new SparseWords(arena);
    words.set(2 ** 30, 0);
    expect([words.get(2 ** 30), words.get(-1), arena.bytes]).toEqual([0, 0, 0]);
    words.set(1023, 1);
    words.set(2 ** 30, 1);
    expect(arena.bytes).toBe(2 * SECTION_BYTES);
    words.release();
    expect([words.get(1023), arena.bytes]).toEqual([0, 0]);
  });
});

it('a set of frames has what was added and not deleted, in ascending order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(far, fc.boolean())), (changes) => {
      const frames = new FrameSet(new Arena());
      const expected = new Set<number>();
      for (const [frame, added] of changes) {
        if (added) frames.add(asPfn(frame));
        else frames.delete(asPfn(frame));
        if (added) expected.add(frame);
        else expected.delete(frame);
      }
      expect(frames.list()).toEqual([...expected].toSorted((a, b) => a - b));
    }),
    { numRuns: 100 },
  );
});
