import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../input/user-error.js';
import { decodeTrace } from '../../../workloads/trace/decode.js';
import { format } from '../../../workloads/trace/format.js';
import { encodeRuns, someRuns } from './reference.js';

const whole = Buffer.from(encodeRuns(someRuns(80_000, 4000)));

/** Decoding must end in a UserError of code `trace` that names the file and a byte in it, or just past its end. */
function expectRefused(bytes: Uint8Array): UserError {
  let error: unknown = null;
  try {
    decodeTrace(bytes, 'bad.trace');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(UserError);
  const refusal = error as UserError;
  expect(refusal).toMatchObject({ code: 'trace', where: { file: 'bad.trace' } });
  const offset = /^byte (\d+)$/u.exec(refusal.where.field ?? '')?.[1];
  expect(Number(offset)).toBeLessThanOrEqual(bytes.length);
  expect(refusal.expected).not.toBe('');
  expect(refusal.hint).toContain('physmap trace import');
  return refusal;
}

function changed(bytes: Uint8Array, change: (view: DataView) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(new DataView(copy.buffer, copy.byteOffset, copy.byteLength));
  return copy;
}

/** A file of one block with the given contents, every checksum right. */
function forged(
  payload: readonly number[],
  counts: { loads: number; stores: number; runs: number; pages: number },
): Buffer {
  const body = deflateRawSync(Uint8Array.from(payload));
  const block = Buffer.alloc(format.blockHeaderBytes);
  for (const [index, value] of [counts.runs, payload.length, body.length, crc32(body)].entries())
    block.writeUInt32LE(value, 4 * index);
  const header = Buffer.alloc(format.headerBytes);
  header.set(format.magic);
  header.writeUInt16LE(1, 8);
  header.writeUInt16LE(format.headerBytes, 10);
  header.writeUInt32LE(4096, 12);
  const { loads, stores, runs, pages } = counts;
  for (const [index, value] of [loads + stores, loads, stores, runs, pages].entries())
    header.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  header.writeUInt32LE(1, 56);
  header.writeUInt32LE(crc32(block), 60);
  header.writeUInt32LE(crc32(header.subarray(0, 64)), 64);
  return Buffer.concat([header, block, body]);
}

describe('a damaged trace is refused', () => {
  test('when it is cut off at any 1000th byte, or inside the header, or lacks its last byte', () => {
    const lengths = Array.from({ length: Math.ceil(whole.length / 1000) }, (_, index) => index * 1000);
    for (const length of [...lengths, 1, 7, 8, 67, 68, 69, 83, 84, whole.length - 1])
      expectRefused(whole.subarray(0, length));
  });

  test('when any one bit is flipped', () => {
    const bit = fc.oneof(fc.nat(8 * 100 - 1), fc.nat(8 * whole.length - 1));
    fc.assert(
      fc.property(bit, (flipped) => {
        const copy = Buffer.from(whole);
        copy[flipped >>> 3] ^= 1 << (flipped & 7);
        expectRefused(copy);
      }),
      { numRuns: 300 },
    );
  });

  test('when bytes follow its end', () => {
    expect(expectRefused(Buffer.concat([whole, Buffer.from([0])])).where.field).toBe(`byte ${whole.length}`);
  });

  test('when two of its blocks are swapped', () => {
    const runs = someRuns(format.blockRuns, 4000);
    const other = runs.map(([page, write, accesses]) => [page + 1, write, accesses] as const);
    const file = Buffer.from(encodeRuns([...runs, ...other]));
    const second = 84 + file.readUInt32LE(76);
    const swapped = Buffer.concat([file.subarray(0, 68), file.subarray(second), file.subarray(68, second)]);
    expectRefused(swapped);
  });

  test('when it is something else, saying what a trace starts with', () => {
    for (const other of ['', 'I  0401ab70,3\n', 'SQLite format 3\0'])
      expect(expectRefused(Buffer.from(other)).where.field).toBe('byte 0');
  });

  test('when it is of another version, whatever follows', () => {
    expect(expectRefused(changed(whole, (view) => view.setUint16(8, 2, true))).message).toContain('version 2');
  });
});

describe('a trace whose checksums are right is refused all the same', () => {
  const counts = { loads: 1, stores: 0, runs: 1, pages: 1 };

  test('the forging itself is right', () => {
    expect(decodeTrace(forged([0x0f, 6], counts), 'good.trace')).toMatchObject({ accesses: 1, distinctPages: 1 });
  });

  test.each([
    ['a place in the list that has no page yet', [0x00], counts, 'has not come yet'],
    ['a page that is cut off', [0x0f], counts, 'cut off'],
    ['a page that never ends', [0x0f, ...Array.from({ length: 12 }, () => 0x80)], counts, 'cut off or too long'],
    ['a page below zero', [0x0f, 1], counts, 'out of range'],
    ['accesses that are cut off', [0xef], counts, 'cut off'],
    ['too many accesses', [0xef, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], counts, 'too many accesses'],
    ['bytes left over', [0x0f, 6, 0], counts, 'left over'],
    ['more pages than it says', [0x0f, 0x0f, 6, 6], { ...counts, loads: 2, runs: 2 }, 'more distinct pages'],
    ['fewer pages than it says', [0x0f, 0x00, 6], { loads: 2, stores: 0, runs: 2, pages: 2 }, '2 distinct pages'],
    ['loads that are stores', [0x1f, 6], counts, '1 loads'],
  ] as const)('with %s', (_, payload, said, message) => {
    expect(expectRefused(forged(payload, said)).message).toContain(message);
  });

  test('with more runs than accesses', () => {
    expectRefused(forged([0x0f, 6], { ...counts, runs: 2 }));
  });
});
