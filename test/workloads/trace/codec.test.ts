import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTrace } from '../../../workloads/trace/decode.js';
import { format } from '../../../workloads/trace/format.js';
import type { PlainRun } from './reference.js';
import { encodeRuns, plainRuns, someRuns } from './reference.js';

const page = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 0x1fff000, max: 0x1fff010 }),
  fc.maxSafeNat().map((value) => value % format.pageNumberLimit),
);
const run: fc.Arbitrary<PlainRun> = fc.tuple(
  page,
  fc.boolean(),
  fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: format.maxRepeats })),
);

describe('the trace file', () => {
  test('gives back exactly the runs that were put in', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 200 }), (runs) => {
        expect(plainRuns(decodeTrace(encodeRuns(runs), 'any.trace'))).toEqual(runs);
      }),
    );
  });

  test('gives back runs over several blocks, each starting with a fresh list', () => {
    const runs = someRuns(2 * format.blockRuns + 17, 5000);
    expect(plainRuns(decodeTrace(encodeRuns(runs), 'any.trace'))).toEqual(runs);
  });

  test('holds the largest page and the longest run', () => {
    const runs: readonly PlainRun[] = [
      [format.pageNumberLimit - 1, true, format.maxRepeats],
      [0, false, 1],
      [format.pageNumberLimit - 1, false, 8],
    ];
    expect(plainRuns(decodeTrace(encodeRuns(runs), 'any.trace'))).toEqual(runs);
  });

  test('counts loads, stores, runs and distinct pages as the runs have them', () => {
    const runs = someRuns(5000, 300);
    const sum = (kind: boolean): number =>
      runs.filter(([, write]) => write === kind).reduce((total, [, , accesses]) => total + accesses, 0);
    expect(decodeTrace(encodeRuns(runs), 'any.trace')).toMatchObject({
      accesses: sum(false) + sum(true),
      loads: sum(false),
      stores: sum(true),
      runs: 5000,
      distinctPages: new Set(runs.map(([number]) => number)).size,
    });
  });

  test('numbers pages in ascending order of address', () => {
    const { pageNumbers } = decodeTrace(encodeRuns(someRuns(5000, 300)), 'any.trace');
    expect(Array.from(pageNumbers)).toEqual([...new Set(pageNumbers)].toSorted((a, b) => a - b));
  });

  test('has the layout that format.ts states, byte for byte', () => {
    const bytes = Buffer.from(encodeRuns([[3, true, 2]]));
    expect(bytes.subarray(0, 60).toString('hex')).toBe(
      '89504d540d0a1a0a' + // magic
        '01004400' + // version 1, 68 bytes of header
        '00100000' + // pages of 4096
        '0200000000000000' + // 2 accesses
        '0000000000000000' + // 0 loads
        '0200000000000000' + // 2 stores
        '0100000000000000' + // 1 run
        '0100000000000000' + // 1 distinct page
        '01000000', // 1 block
    );
    // One run, 2 bytes inflated: token 15 (not in the list) | store | 2 accesses, then zigzag 6 for page 3.
    expect(bytes.subarray(68, 76).toString('hex')).toBe('0100000002000000');
    expect(inflated(bytes)).toBe('3f06');
  });

  test.each([
    ['no accesses', [[5, false, 0]]],
    ['a page past the limit', [[format.pageNumberLimit, false, 1]]],
    ['a page that is no number', [[Number.NaN, false, 1]]],
  ] as const)('refuses to write a run with %s', (_, runs) => {
    expect(() => encodeRuns(runs)).toThrow(RangeError);
  });
});

function inflated(bytes: Buffer): string {
  return inflateRawSync(bytes.subarray(84, 84 + bytes.readUInt32LE(76))).toString('hex');
}
