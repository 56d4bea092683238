import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AccessPattern } from '../../engine/index.js';
import { didYouMean } from '../../input/nearest.js';
import { packageRoot } from '../../input/package-root.js';
import { readBytes } from '../../input/text-file.js';
import { UserError } from '../../input/user-error.js';
import { decodeTrace } from './decode.js';
import { encodeTrace, replayPattern } from './replay.js';
import type { EncodedTrace } from './replay.js';

const largestFile = 2 ** 30;
const folder = (): string => join(packageRoot(), 'workloads', 'traces');

/** Encoded traces of this process, by file and page size. */
const loaded = new Map<string, EncodedTrace>();

/** Names of the recorded traces that come with physmap, in alphabetical order. */
export function traceNames(): readonly string[] {
  return readdirSync(folder())
    .filter((name) => name.endsWith('.trace'))
    .map((name) => name.slice(0, -'.trace'.length))
    .toSorted();
}

/** The file of a recorded trace. UserError with the nearest name when there is none of that name. */
export function traceFile(trace: string): string {
  const names = traceNames();
  if (!names.includes(trace)) {
    const hint = didYouMean(trace, names);
    throw new UserError({
      code: 'unknown-name',
      message: `no recorded trace "${trace}"`,
      expected: `one of ${names.join(', ')}`,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return join(folder(), `${trace}.trace`);
}

/** Where a recorded trace comes from: field name to text, as the YAML file beside it says. */
export function readTraceProvenance(trace: string): Readonly<Record<string, string>> {
  const file = traceFile(trace).replace(/\.trace$/u, '.yaml');
  const fields = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

/**
 * Replays a recorded program for ever, from a place in it. The file is read and decoded once a process and page size.
 *
 * @param trace name of the recording, e.g. `sqlite3`
 * @param pageBytes the platform's page size, a power of two from 4096
 * @param place where to begin, from 0 (the start) to below 1 (the end)
 * @throws UserError for an unknown name or a damaged file
 */
export function recordedPattern(trace: string, pageBytes: number, place: number): AccessPattern {
  const encoded = loadTrace(traceFile(trace), pageBytes);
  return replayPattern(encoded, { start: Math.floor(place * encoded.words.length) });
}

/** Reads, decodes and encodes a trace file, once a process for each page size. */
export function loadTrace(file: string, pageBytes: number): EncodedTrace {
  const key = `${pageBytes} ${file}`;
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const encoded = encodeTrace(decodeTrace(readBytes(file, largestFile), file), pageBytes, file);
  loaded.set(key, encoded);
  return encoded;
}
