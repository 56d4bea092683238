import type { FrameMapBank } from '../contracts/frame-map.js';

/** Frames that follow each other with one owner, by number. */
export interface OwnedRun {
  readonly first: number;
  readonly frames: number;
  readonly owner: number;
}

/** Most cells of a host. */
const MOST_CELLS = 1024;

/** In place of an owner. */
const NOBODY = -1;

/** Frames of a cell: the least power of two by which banks of so many frames have no more cells than a picture can show. */
export const cellFramesFor = (banks: readonly number[]): number => {
  const cellsOf = (frames: number): number => banks.reduce((sum, bank) => sum + Math.ceil(bank / frames), 0);
  let frames = 1;
  while (cellsOf(frames) > Math.max(MOST_CELLS, banks.length)) frames *= 2;
  return frames;
};

/** Who has more than half of a cell, and who most of the rest; of two that have as much, the one with the lower number. */
const ownersOfCell = (counts: ReadonlyMap<number, number>): readonly [owner: number, rest: number] => {
  const ranked = [...counts].toSorted((one, other) => other[1] - one[1] || one[0] - other[0]);
  const frames = ranked.reduce((sum, [, count]) => sum + count, 0);
  const [[owner, most], second] = ranked;
  return most * 2 > frames ? [owner, second?.[0] ?? NOBODY] : [NOBODY, NOBODY];
};

/** Cells of a bank from runs, which have each of its frames once, in ascending order; and how many frames each of `owners` owners has. */
export const cellsOfBank = (
  { first, frames }: Pick<FrameMapBank, 'first' | 'frames'>,
  runs: readonly OwnedRun[],
  { cellFrames, owners }: { readonly cellFrames: number; readonly owners: number },
): Pick<FrameMapBank, 'counts' | 'cells'> => {
  const counts = Array.from({ length: owners }, () => 0);
  const cells: [cells: number, owner: number, rest: number][] = [];
  const inCell = new Map<number, number>();
  let at = first;
  for (const run of runs) {
    counts[run.owner] += run.frames;
    while (at < run.first + run.frames) {
      const cellEnd = Math.min(first + frames, first + (Math.floor((at - first) / cellFrames) + 1) * cellFrames);
      const next = Math.min(run.first + run.frames, cellEnd);
      inCell.set(run.owner, (inCell.get(run.owner) ?? 0) + next - at);
      at = next;
      if (at < cellEnd) continue;
      const [owner, rest] = ownersOfCell(inCell);
      const last = cells.at(-1);
      if (last !== undefined && last[1] === owner && last[2] === rest) last[0] += 1;
      else cells.push([1, owner, rest]);
      inCell.clear();
    }
  }
  return { counts, cells };
};
