const STEP = /([MLZ])(?:(-?[\d.]+),(-?[\d.]+))?/g;
const ONLY_STRAIGHT = /^M[^A-KN-Ya-z]*$/;

/** A difference of two coordinates without what floating point left at its end. */
const difference = (to: number, from: number): string => String(Number((to - from).toFixed(2)));

/** The same path in fewer characters where it has many parts, all straight: a side along an axis is said by its length. */
export function shortPath(path: string): string {
  if (path.lastIndexOf('M') <= 0 || !ONLY_STRAIGHT.test(path)) return path;
  let [x, y] = [0, 0];
  return path.replace(STEP, (step, command: string, toX?: string, toY?: string) => {
    if (command === 'Z') return 'z';
    const [fromX, fromY] = [x, y];
    [x, y] = [Number(toX), Number(toY)];
    if (command === 'L' && y === fromY) return `h${difference(x, fromX)}`;
    if (command === 'L' && x === fromX) return `v${difference(y, fromY)}`;
    return step;
  });
}
