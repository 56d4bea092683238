import { crc32 } from 'node:zlib';
import { UserError } from '../../input/user-error.js';
import { format } from './format.js';
import type { TraceSummary } from './format.js';

/** Where one block stands in a trace file; all of it lies inside the file. */
export interface BlockPlace {
  readonly runs: number;
  readonly inflatedBytes: number;
  readonly storedBytes: number;
  readonly checksum: number;
  /** Offset of the stored bytes. */
  readonly offset: number;
}

/** The UserError for a trace file that is wrong at a byte. */
export function badTrace(file: string, offset: number, message: string, expected: string): UserError {
  return new UserError({
    code: 'trace',
    message,
    where: { file, field: `byte ${offset}` },
    expected,
    hint: 'the file is damaged or no trace: copy it again, or make it anew with physmap trace import',
  });
}

/**
 * Reads the file header and the headers of all blocks, and checks every number in them against the file's own size.
 * The stored bytes are not looked at.
 *
 * @throws UserError (code `trace`) with the byte where the file is wrong
 */
export function readHeaders(
  bytes: Uint8Array,
  file: string,
): { readonly summary: TraceSummary; readonly blocks: readonly BlockPlace[] } {
  if (!format.magic.every((byte, index) => bytes[index] === byte))
    throw badTrace(file, 0, 'no trace file', 'a file that starts with 89 50 4D 54 0D 0A 1A 0A');
  if (bytes.length < format.headerBytes)
    throw badTrace(file, bytes.length, 'the file ends inside its header', `${format.headerBytes} bytes of header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(8, true);
  if (version !== format.version)
    throw badTrace(file, 8, `version ${version} of the format`, `version ${format.version}`);
  if (view.getUint32(64, true) !== crc32(bytes.subarray(0, 64)))
    throw badTrace(file, 64, 'the header does not match its checksum', 'the CRC-32 of bytes 0 to 63');
  if (view.getUint16(10, true) !== format.headerBytes)
    throw badTrace(file, 10, 'wrong length of the header', `${format.headerBytes}`);
  if (view.getUint32(12, true) !== format.pageBytes) throw badTrace(file, 12, 'wrong page size', `${format.pageBytes}`);
  const [accesses, loads, stores, runs, distinctPages] = [16, 24, 32, 40, 48].map((offset) => {
    const value = Number(view.getBigUint64(offset, true));
    if (!Number.isSafeInteger(value)) throw badTrace(file, offset, 'a count is too large', 'a count below 2^53');
    return value;
  }) as [number, number, number, number, number];
  const count = view.getUint32(56, true);
  if (accesses !== loads + stores) throw badTrace(file, 16, `${accesses} accesses`, 'loads and stores added up');
  if (runs > format.maxRuns) throw badTrace(file, 40, `${runs} runs`, `at most ${format.maxRuns}`);
  if (runs > accesses) throw badTrace(file, 40, `${runs} runs`, 'no more runs than accesses');
  if (distinctPages > runs) throw badTrace(file, 48, `${distinctPages} distinct pages`, 'no more pages than runs');
  if (count !== Math.ceil(runs / format.blockRuns))
    throw badTrace(file, 56, `${count} blocks`, `${Math.ceil(runs / format.blockRuns)} blocks for ${runs} runs`);

  const blocks: BlockPlace[] = [];
  let at: number = format.headerBytes;
  let checksum = 0;
  for (let index = 0; index < count; index += 1) {
    const block = readBlockHeader(bytes, view, at, file, Math.min(format.blockRuns, runs - index * format.blockRuns));
    blocks.push(block);
    checksum = crc32(bytes.subarray(at, at + format.blockHeaderBytes), checksum);
    at = block.offset + block.storedBytes;
  }
  if (at !== bytes.length)
    throw badTrace(file, at, `${bytes.length - at} bytes after the last block`, 'the end of the file');
  if (checksum !== view.getUint32(60, true))
    throw badTrace(
      file,
      60,
      'the headers of the blocks do not match their checksum',
      'the CRC-32 of all block headers',
    );
  return { summary: { accesses, loads, stores, runs, distinctPages }, blocks };
}

function readBlockHeader(bytes: Uint8Array, view: DataView, at: number, file: string, runs: number): BlockPlace {
  const offset = at + format.blockHeaderBytes;
  if (offset > bytes.length)
    throw badTrace(file, bytes.length, 'the file ends before its last block', 'the header of a block');
  const inflatedBytes = view.getUint32(at + 4, true);
  const storedBytes = view.getUint32(at + 8, true);
  if (view.getUint32(at, true) !== runs)
    throw badTrace(file, at, `a block of ${view.getUint32(at, true)} runs`, `${runs} runs`);
  if (inflatedBytes < runs || inflatedBytes > runs * format.maxBytesPerRun)
    throw badTrace(
      file,
      at + 4,
      `a block of ${inflatedBytes} bytes`,
      `${runs} to ${runs * format.maxBytesPerRun} bytes`,
    );
  if (storedBytes > bytes.length - offset)
    throw badTrace(file, bytes.length, 'the file ends inside a block', `${storedBytes} bytes from byte ${offset} on`);
  return { runs, inflatedBytes, storedBytes, checksum: view.getUint32(at + 12, true), offset };
}
