import { format } from '../../../workloads/trace/format.js';
import { createTraceEncoder } from '../../../workloads/trace/encode.js';
import type { DecodedTrace } from '../../../workloads/trace/decode.js';

/** A run as plain data: [page number, is a store, accesses]. */
export type PlainRun = readonly [page: number, write: boolean, accesses: number];

/** Slow, plain reading of lackey's text by regular expressions: every data access, then folded into runs. */
export function slowLackeyRuns(text: string): readonly PlainRun[] {
  const accesses = text.split('\n').flatMap((line) => {
    const match = /^ ([LSM]) ([0-9a-f]+),(\d+)$/u.exec(line);
    if (match === null) return [];
    const [, letter, address, size] = match;
    const first = BigInt(`0x${address}`);
    const end = first + BigInt(size ?? '');
    const pages: PlainRun[] = [];
    for (let page = first / 4096n; page * 4096n < end; page += 1n) pages.push([Number(page), letter !== 'L', 1]);
    return pages;
  });
  return fold(accesses);
}

/** Joins neighbours on the same page of the same kind. */
export function fold(runs: readonly PlainRun[]): readonly PlainRun[] {
  const folded: PlainRun[] = [];
  for (const [page, write, accesses] of runs) {
    const before = folded.at(-1);
    if (before !== undefined && before[0] === page && before[1] === write)
      folded[folded.length - 1] = [page, write, before[2] + accesses];
    else folded.push([page, write, accesses]);
  }
  return folded;
}

/** The trace file of the runs, in blocks as the format wants them. */
export function encodeRuns(runs: readonly PlainRun[]): Uint8Array {
  const encoder = createTraceEncoder();
  for (let start = 0; start < runs.length; start += format.blockRuns) {
    const part = runs.slice(start, start + format.blockRuns);
    encoder.add({
      pages: Float64Array.from(part, ([page]) => page),
      spans: Uint32Array.from(part, ([, write, accesses]) => accesses * 2 + (write ? 1 : 0)),
      count: part.length,
    });
  }
  return encoder.finish().bytes;
}

export function plainRuns(trace: DecodedTrace): readonly PlainRun[] {
  return Array.from(trace.runPages, (page, run) => {
    const span = trace.runSpans[run];
    return [trace.pageNumbers[page], span % 2 === 1, span >>> 1];
  });
}

/** Deterministic runs over `pages` pages, most of them near the last ones used. */
export function someRuns(count: number, pages: number): readonly PlainRun[] {
  let state = 2006;
  const next = (below: number): number => {
    state = (Math.imul(1103515245, state) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () => {
    const page = next(4) === 0 ? next(pages) : next(20);
    return [page * 7 + 0x1000, next(3) === 0, 1 + next(next(50) === 0 ? 3000 : 5)];
  });
}
