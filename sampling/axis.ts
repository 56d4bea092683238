/** A range of a parameter and how it is divided. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly scale: 'linear' | 'log';
  /** Only whole numbers make sense. */
  readonly whole: boolean;
}

/** Figures of a value that is tried, so that an interval's ends can be read and typed. */
const figures = 4;
/** From this ratio of its ends a range is divided by equal factors. */
const wideRange = 20;

/** How a range is divided: by equal factors where it is above zero and its ends are far apart. */
export function scaleOf(low: number, high: number): Axis['scale'] {
  return low > 0 && high / low >= wideRange ? 'log' : 'linear';
}

/** Where on the axis a value lies: 0 at its low end, 1 at its high end. */
export function shareOf({ low, high, scale }: Axis, value: number): number {
  if (scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** The value at a share of the axis, to four figures or whole, and never outside the range. */
export function valueAt({ low, high, scale, whole }: Axis, share: number): number {
  if (share <= 0) return low;
  if (share >= 1) return high;
  const exact = scale === 'log' ? low * (high / low) ** share : low + (high - low) * share;
  const rounded = whole ? Math.round(exact) : Number(exact.toPrecision(figures));
  return Math.min(high, Math.max(low, rounded));
}

/** A value between two others, as near to their middle as rounding allows; null when there is none. */
export function valueBetween(axis: Axis, low: number, high: number): number | null {
  const middle = valueAt(axis, (shareOf(axis, low) + shareOf(axis, high)) / 2);
  return middle > low && middle < high ? middle : null;
}

/** Values that divide the axis into `parts`, its ends among them: ends and middle first, then what halves the gaps. */
export function gridOf(axis: Axis, parts: number): readonly number[] {
  const order: number[] = [0, parts];
  for (let step = parts / 2; step >= 1; step /= 2) {
    for (let at = step; at < parts; at += step) if (!order.includes(at)) order.push(at);
  }
  return [...new Set(order.map((at) => valueAt(axis, at / parts)))];
}
