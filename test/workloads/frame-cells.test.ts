import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellFramesFor, cellsOfBank } from '../../workloads/frame-cells.js';

const OWNERS = 4;

/** Frames of a bank by owner, one by one, as runs. */
const runsOf = (first: number, owners: readonly number[]) =>
  owners.map((owner, at) => ({ first: first + at, frames: 1, owner }));

/** By counting each cell anew. */
const slowCells = (owners: readonly number[], cellFrames: number): (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(owners.length / cellFrames) }, (_, cell) => {
    const own = owners.slice(cell * cellFrames, (cell + 1) * cellFrames);
    const counts = Array.from({ length: OWNERS }, (__, owner) => own.filter((each) => each === owner).length);
    const most = counts.findIndex((count) => count * 2 > own.length);
    if (most < 0) return [-1, -1] as const;
    const others = counts.map((count, owner) => (owner === most ? 0 : count));
    const next = Math.max(...others);
    return [most, next === 0 ? -1 : others.indexOf(next)] as const;
  });

describe('cells of a bank', () => {
  it('count every frame once, and show who has more than half and who most of the rest', () => {
    const bank = fc.record({
      first: fc.nat(1000),
      owners: fc.array(fc.nat(OWNERS - 1), { minLength: 1, maxLength: 70 }),
      cellFrames: fc.constantFrom(1, 2, 4, 8, 16),
    });
    fc.assert(
      fc.property(bank, ({ first, owners, cellFrames }) => {
        const size = { first, frames: owners.length };
        const { counts, cells } = cellsOfBank(size, runsOf(first, owners), { cellFrames, owners: OWNERS });
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(owners.length);
        expect(counts).toEqual(
          Array.from({ length: OWNERS }, (_, owner) => owners.filter((each) => each === owner).length),
        );
        const each = cells.flatMap(([count, owner, rest]) => Array.from({ length: count }, () => [owner, rest]));
        expect(each).toEqual(slowCells(owners, cellFrames));
      }),
    );
  });

  it('are the same whether frames of one owner come in one run or in many', () => {
    const many = runsOf(5, [0, 0, 0, 0, 1, 1, 1, 2]);
    const few = [
      { first: 5, frames: 4, owner: 0 },
      { first: 9, frames: 3, owner: 1 },
      { first: 12, frames: 1, owner: 2 },
    ];
    const of = (runs: typeof few) => cellsOfBank({ first: 5, frames: 8 }, runs, { cellFrames: 4, owners: 3 });
    expect(of(many)).toEqual(of(few));
    expect(of(few).cells).toEqual([
      [1, 0, -1],
      [1, 1, 2],
    ]);
  });

  it('of half and half are nobody’s', () => {
    const runs = runsOf(0, [0, 0, 1, 1]);
    expect(cellsOfBank({ first: 0, frames: 4 }, runs, { cellFrames: 4, owners: 2 }).cells).toEqual([[1, -1, -1]]);
  });

  it('are of as few frames as 1024 cells allow, a power of two', () => {
    expect(cellFramesFor([1000])).toBe(1);
    expect(cellFramesFor([1025])).toBe(2);
    expect(cellFramesFor([4096, 4096])).toBe(8);
    expect(cellFramesFor(Array.from({ length: 2000 }, () => 1))).toBe(1);
  });
});
