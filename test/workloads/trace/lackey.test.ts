import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../input/user-error.js';
import { decodeTrace } from '../../../workloads/trace/decode.js';
import { importTrace } from '../../../workloads/trace/import-trace.js';
import { plainRuns, slowLackeyRuns } from './reference.js';

const sample = `==3688== Lackey, an example Valgrind tool
==3688== Command: sqlite3 :memory: select\\ 1
==3688==${' '}
--3688-- warning: a line of valgrind's own
I  0401ab70,3
I  0401ab73,5
 S 1fff000758,8
I  0401b770,1
 S 1fff000750,8
 L 0401b7d0,8
 M 04033e06,1
 S 04033ad0,8
 L 1fff000ffc,8
 L 1fff0006d0,16
 S 00000fff,2
 L 00000ffe,1
 M 7f1234567ff8,32
 S abcdef012345678,512
==3688== Exit code:       0
`;

async function importText(text: string, pieceBytes = Infinity): Promise<Uint8Array> {
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  let file: Uint8Array | null = null;
  await importTrace(
    pieces,
    (written) => {
      file = written;
    },
    'lackey.txt',
  );
  if (file === null) throw new Error('nothing was written');
  return file;
}

async function refusal(text: string, pieceBytes = Infinity): Promise<UserError> {
  const error: unknown = await importText(text, pieceBytes).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ code: 'trace', where: { file: 'lackey.txt' } });
  return error as UserError;
}

const line = fc
  .tuple(
    fc.constantFrom(' L ', ' S ', ' M ', 'I  '),
    fc.oneof(fc.integer({ min: 0, max: 0x5000 }), fc.integer({ min: 0, max: 2 ** 47 })),
    fc.oneof(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 10_000 })),
  )
  .map(([kind, address, size]) => `${kind}${address.toString(16).padStart(8, '0')},${size}\n`);

describe("importing lackey's text", () => {
  test('gives the runs of an independent slow parser, wherever the pieces end', async () => {
    const expected = slowLackeyRuns(sample);
    expect(expected).toHaveLength(12);
    for (const pieceBytes of [1, 7, 64, Infinity])
      expect(plainRuns(decodeTrace(await importText(sample, pieceBytes), 'any.trace'))).toEqual(expected);
  });

  test('gives the runs of the slow parser for any lines', async () => {
    const text = fc.array(line, { minLength: 1, maxLength: 80 }).map((lines) => `${lines.join('')} L 00001000,4\n`);
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 50 }), async (any, pieceBytes) => {
        expect(plainRuns(decodeTrace(await importText(any, pieceBytes), 'any.trace'))).toEqual(slowLackeyRuns(any));
      }),
    );
  });

  test('counts M as a store, ignores I, and counts an access over a boundary for both pages', async () => {
    const trace = decodeTrace(await importText('I  00001000,4\n M 00001000,4\n L 00001ffe,4\n'), 'any.trace');
    expect(plainRuns(trace)).toEqual([
      [1, true, 1],
      [1, false, 1],
      [2, false, 1],
    ]);
  });

  test.each([
    ['an unknown letter', ' X 00001000,4', 2],
    ['a missing space', ' L00001000,4', 3],
    ["a line of the program's own output", 'hello', 1],
    ['an empty line', '', 1],
    ['an address that is none', ' L 0000g000,4', 8],
    ['no address', ' L ,4', 4],
    ['no size', ' L 00001000', 12],
    ['a size of nothing', ' S 00001000,', 13],
    ['a size of zero', ' S 00001000,0', 13],
    ['a size that is no number', ' S 00001000,4x', 13],
    ['an absurd size', ' S 00001000,99999999999999999999', 13],
    ['an address of more than 60 bits', ' L 0000000000001000,4', 4],
  ])('refuses %s with line and column', async (_, bad, column) => {
    const text = `==1== x\n==\n L 00001000,4\n${bad}\n L 00001000,4\n`;
    for (const pieceBytes of [3, Infinity]) {
      const error = await refusal(text, pieceBytes);
      expect(error.where).toMatchObject({ line: 4, column });
      expect(error.expected).not.toBe('');
      expect(error.message).toContain(JSON.stringify(bad.slice(0, 60)));
    }
  });

  test('refuses text that ends inside a line', async () => {
    const error = await refusal(' L 00001000,4\n L 00002000,1');
    expect(error.where).toMatchObject({ line: 2, column: 14 });
    expect(error.expected).toContain('newline');
  });

  test('refuses text without a data access, and writes nothing', async () => {
    for (const text of ['', '==1== x\n', 'I  00001000,4\n']) {
      const error = await refusal(text);
      expect(error.hint).toContain('--trace-mem=yes');
    }
  });

  test('refuses a line without end before it fills memory', async () => {
    const error = await refusal('x'.repeat(3_000_000), 65_536);
    expect(error.message).toContain('too long');
    expect(error.message.length).toBeLessThan(200);
  });
});
