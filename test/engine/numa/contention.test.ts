import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentionModel, type ThreadDemand } from '../../../engine/numa/contention.js';
import { loneLineNs } from '../../../engine/numa/memory-timing.js';
import { runThreads } from '../../../engine/numa/run-threads.js';
import { simulateLines } from './simulated-lines.js';
import { OPTERON, ladder } from './support.js';

const square = new ContentionModel(ladder(4), OPTERON);
const zeros = (nodes: number): number[] => Array.from({ length: nodes }, () => 0);
const only = (nodes: number, node: number): number[] => zeros(nodes).with(node, 1);
const reader = (node: number, from: number): ThreadDemand => ({ node, reads: only(4, from), writes: zeros(4) });
const writer = (node: number, to: number): ThreadDemand => ({ node, reads: zeros(4), writes: only(4, to) });
const mixed = (node: number, reads: number[], writes: number[]): ThreadDemand => ({ node, reads, writes });

describe('threads alone take what the host was measured to take', () => {
  it('reading at 0, 1, 1 and 2 hops: 100, 108.5, 108.5 and 130 % of 64 B at 1.64 GB/s', () => {
    const times = [0, 1, 2, 3].map((from) => square.solve([reader(0, from)]).nsAnAccess[0]);
    expect(times[0]).toBeCloseTo(64 / 1.64, 5);
    expect(times.map((time) => (time / times[0]) * 100)).toEqual(
      [100, 108.5, 108.5, 130].map((each) => expect.closeTo(each, 4) as number),
    );
  });

  it('writing: two transfers a line at 2.98 GB/s, and by hops as 113 to 128 to 149', () => {
    const times = [0, 1, 3].map((to) => square.solve([writer(0, to)]).nsAnAccess[0]);
    expect(times[0]).toBeCloseTo(128 / 2.98, 5);
    expect(times[1] / times[0]).toBeCloseTo(128 / 113, 5);
    expect(times[2] / times[0]).toBeCloseTo(149 / 113, 5);
  });

  it('its two sources agree: a local write is 113 % of a local read, and 110 % by what both ask of memory', () => {
    const [read] = square.solve([reader(0, 0)]).nsAnAccess;
    const [write] = square.solve([writer(0, 0)]).nsAnAccess;
    expect((write / read) * 100).toBeCloseTo(110.07, 1);
  });

  it('beyond the hops that were measured, each takes as much more as the last one did', () => {
    expect(loneLineNs(OPTERON, 'read', 4)).toBeCloseTo(((130 + 2 * 21.5) / 100) * (64 / 1.64), 6);
  });
});

describe('threads together', () => {
  it('never get more from a node than it sustains, and all of it when they are many', () => {
    const { nsAnAccess, memoryUse } = square.solve(Array.from({ length: 12 }, (_, thread) => reader(thread % 4, 0)));
    const bytes = nsAnAccess.reduce((sum, ns) => sum + 64e9 / ns, 0);
    expect(bytes).toBeLessThan(0.7 * 6.4e9);
    expect(bytes).toBeGreaterThan(0.97 * 0.7 * 6.4e9);
    expect(memoryUse).toEqual([bytes / (0.7 * 6.4e9), 0, 0, 0].map((use) => expect.closeTo(use, 9) as number));
  });

  it('never get more over a link than it carries each way', () => {
    const { nsAnAccess, linkUse } = new ContentionModel(ladder(2), OPTERON).solve(
      Array.from({ length: 6 }, () => ({ node: 1, reads: [1, 0], writes: [0, 0] })),
    );
    const bytes = nsAnAccess.reduce((sum, ns) => sum + 64e9 / ns, 0);
    expect(bytes).toBeGreaterThan(0.9 * 4e9);
    expect(linkUse).toEqual([[expect.closeTo(bytes / 4e9, 9) as number, 0]]);
    expect(bytes).toBeLessThan(4e9);
  });

  it('each is no faster, and all together no slower, for every further one of their kind', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), fc.boolean(), (node, from, writes) => {
        const thread = writes ? writer(node, from) : reader(node, from);
        let before = 0;
        let rate = 0;
        for (let count = 1; count <= 8; count += 1) {
          const [ns] = square.solve(Array.from({ length: count }, () => thread)).nsAnAccess;
          expect(ns).toBeGreaterThanOrEqual(before - 1e-9);
          expect(count / ns).toBeGreaterThanOrEqual(rate - 1e-9);
          before = ns;
          rate = count / ns;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('do not hear of each other where they share neither memory nor link', () => {
    const [alone] = square.solve([reader(1, 1)]).nsAnAccess;
    expect(square.solve([reader(1, 1), writer(0, 0), reader(2, 3)]).nsAnAccess[0]).toBeCloseTo(alone, 8);
  });

  it('far memory is never faster than near memory, whoever else runs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 5 }), (others) => {
        const rest = others.map(([node, from]) => reader(node, from));
        const even = (share: number): number[] => [share, 0, 0, 1 - share];
        // Two threads of one node that swap their memory with that of the node across.
        const near = square.solve([mixed(0, even(1), zeros(4)), mixed(3, even(0), zeros(4)), ...rest]).nsAnAccess;
        const far = square.solve([mixed(0, even(0), zeros(4)), mixed(3, even(1), zeros(4)), ...rest]).nsAnAccess;
        expect(near[0] + near[1]).toBeLessThan(far[0] + far[1]);
      }),
      { numRuns: 30 },
    );
  });
});

const MIXES: readonly (readonly [title: string, threads: readonly ThreadDemand[]])[] = [
  ['three readers of one node', [reader(0, 0), reader(1, 0), reader(3, 0)]],
  ['two writers of one node', [writer(0, 0), writer(2, 0)]],
  ['all threads over all nodes', [0, 1, 2, 3].map((node) => mixed(node, zeros(4).fill(0.25), zeros(4)))],
  [
    'readers and writers near and far',
    [reader(0, 0), writer(1, 0), mixed(2, [0.5, 0, 0.25, 0], [0, 0, 0, 0.25]), writer(3, 3), reader(0, 3)],
  ],
];

describe('mixes that were in no calibration, against a simulation line by line', () => {
  it.each(MIXES)('%s: within 3 % for exponential service', (_, threads) => {
    const simulated = simulateLines(ladder(4), OPTERON, threads, { service: 'exponential', lines: 40_000 });
    square.solve(threads).nsAnAccess.forEach((ns, thread) => {
      expect(Math.abs(ns / simulated[thread] - 1)).toBeLessThan(0.03);
    });
  });

  it.each(MIXES)('%s: within 25 % for constant service', (_, threads) => {
    const simulated = simulateLines(ladder(4), OPTERON, threads, { service: 'constant', lines: 10_000 });
    square.solve(threads).nsAnAccess.forEach((ns, thread) => {
      expect(Math.abs(ns / simulated[thread] - 1)).toBeLessThan(0.25);
    });
  });
});

describe('a run of threads', () => {
  it('of one takes its accesses times what one takes', () => {
    const { allDoneNs } = runThreads(square, [{ ...reader(0, 3), accesses: 1000 }]);
    expect(allDoneNs).toBeCloseTo(1000 * square.solve([reader(0, 3)]).nsAnAccess[0], 6);
  });

  it('leaves the memory to those that are not done yet', () => {
    const both = square.solve([writer(0, 0), writer(0, 0)]).nsAnAccess[0];
    const [alone] = square.solve([writer(0, 0)]).nsAnAccess;
    const { doneNs } = runThreads(square, [
      { ...writer(0, 0), accesses: 1000 },
      { ...writer(0, 0), accesses: 3000 },
    ]);
    expect(doneNs[0]).toBeCloseTo(1000 * both, 4);
    expect(doneNs[1]).toBeCloseTo(1000 * both + 2000 * alone, 4);
  });

  it('of none is done at once', () => {
    expect(runThreads(square, [])).toEqual({ doneNs: [], allDoneNs: 0 });
    expect(runThreads(square, [{ ...reader(0, 0), accesses: 0 }])).toEqual({ doneNs: [0], allDoneNs: 0 });
  });
});
