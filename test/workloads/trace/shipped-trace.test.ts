import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../input/user-error.js';
import type { AccessPattern } from '../../../engine/index.js';
import { accessPage, accessRepeats } from '../../../engine/index.js';
import { decodeTrace } from '../../../workloads/trace/decode.js';
import {
  loadTrace,
  readTraceProvenance,
  recordedPattern,
  traceFile,
  traceNames,
} from '../../../workloads/trace/recorded.js';

const fillFrom = (pattern: AccessPattern, buffer: Uint32Array): number => pattern.fill(buffer);

describe.each(traceNames())('the shipped trace %s', (name) => {
  const file = traceFile(name);
  const bytes = readFileSync(file);
  const said = readTraceProvenance(name);
  const trace = decodeTrace(bytes, file);

  test('has at most 2 MB', () => {
    expect(bytes.length).toBeLessThanOrEqual(2e6);
  });

  test('is the file that its provenance names', () => {
    expect(said['bytes']).toBe(String(bytes.length));
    expect(said['sha256']).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('has the counts that its provenance states, recounted from the runs', () => {
    const pages = new Set<number>();
    const larger = new Set<number>();
    const counts = { loads: 0, stores: 0 };
    for (let run = 0; run < trace.runs; run += 1) {
      const span = trace.runSpans[run];
      counts[span % 2 === 1 ? 'stores' : 'loads'] += Math.floor(span / 2);
      pages.add(trace.runPages[run]);
    }
    for (const page of pages) larger.add(Math.floor(trace.pageNumbers[page] / 4));
    expect(said).toMatchObject({
      accesses: String(counts.loads + counts.stores),
      loads: String(counts.loads),
      stores: String(counts.stores),
      runs: String(trace.runSpans.length),
      distinctPages: String(pages.size),
      distinctPages16KiB: String(larger.size),
      bitsPerAccess: ((bytes.length * 8) / (counts.loads + counts.stores)).toFixed(3),
    });
  });

  test('says by what command, with which versions and when it was recorded', () => {
    expect(said['command']).toContain('valgrind --tool=lackey --trace-mem=yes');
    expect(said['date']).toMatch(/^\d{4}-\d{2}-\d{2}$/u);
    for (const field of ['program', 'work', 'limits', 'valgrind', 'glibc', 'kernel'])
      expect(said[field]).toMatch(/\w/u);
  });

  test('replays every one of its accesses at 16 KiB, within its pages', () => {
    const { words, pages } = loadTrace(file, 16_384);
    const [repeats, pageOf] = [accessRepeats, accessPage];
    let accesses = 0;
    let highest = 0;
    for (let index = 0; index < words.length; index += 1) {
      const word = words[index];
      accesses += repeats(word);
      highest = Math.max(highest, pageOf(word));
    }
    expect([accesses, highest]).toEqual([trace.accesses, pages - 1]);
  });
});

describe('a recorded trace by name', () => {
  test('is decoded once a process and page size', () => {
    expect(loadTrace(traceFile('sqlite3'), 16_384)).toBe(loadTrace(traceFile('sqlite3'), 16_384));
  });

  test('starts at the place that is asked for', () => {
    const { words } = loadTrace(traceFile('sqlite3'), 16_384);
    const buffer = new Uint32Array(1000);
    const start = Math.floor(words.length / 4);
    fillFrom(recordedPattern('sqlite3', 16_384, 0.25), buffer);
    expect(buffer).toEqual(words.subarray(start, start + 1000));
  });

  test('is refused with the nearest name when there is none of that name', () => {
    expect(() => traceFile('sqlite')).toThrow(UserError);
    expect(() => traceFile('../../package')).toThrow(UserError);
    try {
      traceFile('sqlite');
    } catch (error) {
      expect(error).toMatchObject({ code: 'unknown-name', hint: 'did you mean "sqlite3"?' });
    }
  });
});
