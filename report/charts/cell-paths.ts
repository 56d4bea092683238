import type { CellLook } from './cell-looks.js';

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels between two slanted lines. */
const SLANT = 6;

/** Rectangles as one path. */
export const fillPath = (boxes: readonly Box[]): string =>
  boxes.map(({ x, y, width, height }) => `M${x},${y}h${width}v${height}h${-width}Z`).join('');

const steps = (length: number, step: number): readonly number[] =>
  Array.from({ length: Math.ceil(length / step) }, (_, at) => (at + 0.5) * step).filter((each) => each < length);

/** Lines over rectangles as one path, none leaving its rectangle: one a cell, or slanted from lower left to upper right. */
export const linePath = (
  boxes: readonly Box[],
  lines: CellLook['lines'],
  cell: { readonly width: number; readonly height: number },
): string => {
  const linesOf = ({ x, y, width, height }: Box): readonly string[] => {
    switch (lines) {
      case 'rows':
        return steps(height, cell.height).map((at) => `M${x},${y + at}h${width}`);
      case 'columns':
        return steps(width, cell.width).map((at) => `M${x + at},${y}v${height}`);
      case 'slanted':
        return steps(width + height, SLANT).map((at) => {
          const [left, bottom] = [Math.max(0, at - height), Math.min(at, height)];
          const [right, top] = [Math.min(at, width), Math.max(0, at - width)];
          return `M${x + left},${y + bottom}L${x + right},${y + top}`;
        });
      default:
        return [];
    }
  };
  return boxes.flatMap(linesOf).join('');
};
