import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameMapBank, FrameMapOwner, RunFrameMap } from '../../contracts/frame-map.js';
import type { RunResult } from '../../contracts/run.js';
import { cellBlocks } from '../../report/charts/cell-blocks.js';
import { linePath } from '../../report/charts/cell-paths.js';
import { shortPath } from '../../report/charts/short-path.js';
import { NARROW, WIDE } from '../../report/charts/style.js';
import { indexRuns } from '../../report/run-index.js';
import { frameMapChart } from '../../report/sections/frame-map.js';
import { smallInput } from './fixtures/small.js';
import { expectPicture } from './golden-picture.js';

const { study, runs } = smallInput();
const index = indexRuns(runs);

const OWNERS: readonly FrameMapOwner[] = [
  { use: 'hypervisor', name: 'hypervisor' },
  { use: 'free', name: 'free' },
  { use: 'domain', name: 'control' },
  { use: 'domain', name: 'other' },
];

/** Cells of 256 frames of 4 KiB: a cell is 1 MiB. */
const bank = (
  first: number,
  frames: number,
  counts: readonly number[],
  cells: FrameMapBank['cells'],
): FrameMapBank => ({
  first: first * 256,
  frames: frames * 256,
  node: null,
  counts: counts.map((count) => count * 256),
  cells,
});
const map = (moment: string, banks: readonly FrameMapBank[]): RunFrameMap => ({
  moment,
  pageBytes: 4096,
  cellFrames: 256,
  owners: OWNERS,
  banks,
});

const BOOT = bank(
  0,
  96,
  [20, 36, 40, 0],
  [
    [20, 0, -1],
    [32, 2, 1],
    [8, 2, -1],
    [36, 1, -1],
  ],
);
const ADDED = bank(
  1120,
  48,
  [0, 40, 8, 0],
  [
    [10, 1, 2],
    [4, -1, -1],
    [34, 1, -1],
  ],
);
const MAPS: Readonly<Record<string, readonly RunFrameMap[]>> = {
  stay: [map('before', [BOOT, ADDED]), map('after', [BOOT, ADDED])],
  moved: [map('before', [BOOT, ADDED]), map('after', [BOOT])],
};
const all = study.alternatives.map((alternative) => ({
  alternative,
  runs: index(alternative.id, 'suite/moving').map((run): RunResult => {
    const frameMaps = MAPS[alternative.id];
    return frameMaps === undefined || run.draw > 0 ? run : { ...run, frameMaps };
  }),
}));
const chart = frameMapChart('way', 'Removing', all)!;

describe('who has the memory of a host', () => {
  test('domains come first, then the hypervisor, then what is free, and mixed cells last', () => {
    expect(chart.owners).toEqual([
      { label: 'control', look: 'domain' },
      { label: 'other', look: 'domain' },
      { label: 'hypervisor', look: 'hypervisor' },
      { label: 'free', look: 'free' },
      { label: 'nobody has more than half', look: 'mixed' },
    ]);
  });

  test('every alternative has its maps over the same banks, and a bank that is not there has no cells', () => {
    expect(chart.banks).toEqual([
      { title: 'from 0', cells: 96 },
      { title: 'hole of 1\u202fGiB, from 1\u202f120\u202fMiB', cells: 48 },
    ]);
    expect(chart.panels.map(({ maps }) => maps.map(({ moment }) => moment))).toEqual([
      ['before', 'after'],
      ['before', 'after'],
      [],
    ]);
    expect(chart.panels[1].maps[1].banks[1]).toBeNull();
    expect(chart.panels[0].maps[1].banks[1]).toEqual([
      [10, 3, 0],
      [4, 4, -1],
      [34, 3, -1],
    ]);
  });

  test('the figures say what each owner has at each moment, and its share of what is installed then', () => {
    const [stay, moved, wait] = chart.table.groups.map(({ rows }) =>
      rows.map(({ cells }) => cells.map(({ text, note }) => [text, note])),
    );
    expect(stay[0]).toEqual([
      ['48\u202fMiB', '33\u202f%'],
      ['48\u202fMiB', '33\u202f%'],
    ]);
    expect(moved[0][1]).toEqual(['40\u202fMiB', '42\u202f%']);
    expect(wait[0][0]).toEqual(['refused, migrate: same-frames-free', '']);
  });

  test('who does not see it is told the sizes of all, the largest first', () => {
    expect(chart.summary).toContain(
      'stay: before free 76\u202fMiB, control 48\u202fMiB and hypervisor 20\u202fMiB; after',
    );
    expect(chart.description).toContain('A cell is 1\u202fMiB');
  });

  test('there is none where no run kept a map', () => {
    const bare = study.alternatives.map((alternative) => ({
      alternative,
      runs: index(alternative.id, 'suite/moving'),
    }));
    expect(frameMapChart('way', 'Removing', bare)).toBeNull();
  });
});

test('rectangles cover each cell once, with its owner, and no two of one owner and width could be one', () => {
  const runsOfCells = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(3)), { maxLength: 12 });
  fc.assert(
    fc.property(runsOfCells, fc.integer({ min: 1, max: 9 }), (given, columns) => {
      const expected = given.flatMap(([cells, owner]) => Array.from({ length: cells }, () => owner));
      const drawn = Array.from({ length: expected.length }, () => [] as number[]);
      const blocks = cellBlocks(given, columns);
      for (const { owner, left, top, right, bottom } of blocks)
        for (let row = top; row < bottom; row += 1)
          for (let column = left; column < right; column += 1) drawn[row * columns + column].push(owner);
      expect(drawn).toEqual(expected.map((owner) => [owner]));
      for (const one of blocks)
        expect(
          blocks.filter(
            (other) =>
              other.owner === one.owner &&
              other.left === one.left &&
              other.right === one.right &&
              other.top === one.bottom,
          ),
        ).toEqual([]);
    }),
  );
});

test('lines stay inside their rectangle', () => {
  const box = { x: 10, y: 20, width: 15, height: 9 };
  for (const lines of ['rows', 'columns', 'slanted'] as const)
    for (const [, x, y, side, length, toX, toY] of linePath([box], lines, { width: 5, height: 3 }).matchAll(
      /M([\d.]+),([\d.]+)(?:([hv])([\d.]+)|L([\d.]+),([\d.]+))/g,
    )) {
      const end = [
        toX === undefined ? Number(x) + (side === 'h' ? Number(length) : 0) : Number(toX),
        toY === undefined ? Number(y) + (side === 'v' ? Number(length) : 0) : Number(toY),
      ];
      for (const [at, low, high] of [
        [Number(x), 10, 25],
        [Number(y), 20, 29],
        [end[0], 10, 25],
        [end[1], 20, 29],
      ])
        expect([at >= low, at <= high]).toEqual([true, true]);
    }
});

test('a path of many straight parts is said by lengths of sides, and any other is left as it is', () => {
  expect(shortPath('M1,2L4,2L4,7L1,7ZM9,9L10,12L10,9')).toBe('M1,2h3v5h-3zM9,9L10,12v-3');
  expect(shortPath('M1,2L4,2L4,7Z')).toBe('M1,2L4,2L4,7Z');
  expect(shortPath('M1,2C3,4,5,6,7,8M1,2L3,2')).toBe('M1,2C3,4,5,6,7,8M1,2L3,2');
  expect(shortPath('M0,0L0.3,0M0.1,0L0.4,0')).toBe('M0,0h0.3M0.1,0h0.3');
});

test.each([
  ['frame-map-wide', WIDE],
  ['frame-map-narrow', NARROW],
])('the picture %s is what it was, with words for who does not see it', (name, width) =>
  expectPicture(name, chart, width),
);
