/** Cells of one owner that make a rectangle, in cells from the upper left corner; `right` and `bottom` are behind its last ones. */
export interface CellBlock {
  readonly owner: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Runs of cells, laid row below row, as few rectangles: a run is its part of the first row, the whole rows between and its part of the
 * last; what lies below another of the same owner and width is joined to it. Each cell is in one.
 */
export const cellBlocks = (
  runs: readonly (readonly [cells: number, owner: number, ...rest: readonly number[]])[],
  columns: number,
): CellBlock[] => {
  const blocks: CellBlock[] = [];
  let at = 0;
  const add = (owner: number, to: number): void => {
    const [left, top] = [at % columns, Math.floor(at / columns)];
    const right = left + (to - at <= columns ? to - at : columns);
    const bottom = top + Math.ceil((to - at) / columns);
    at = to;
    const above = blocks.findIndex(
      (each) => each.owner === owner && each.left === left && each.right === right && each.bottom === top,
    );
    if (above < 0) blocks.push({ owner, left, top, right, bottom });
    else blocks[above] = { ...blocks[above], bottom };
  };
  for (const [cells, owner] of runs) {
    const end = at + cells;
    const rowEnd = Math.ceil(at / columns) * columns;
    if (at < rowEnd) add(owner, Math.min(end, rowEnd));
    const whole = Math.floor(end / columns) * columns;
    if (at < whole) add(owner, whole);
    if (at < end) add(owner, end);
  }
  return blocks;
};
