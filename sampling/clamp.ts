export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** @throws RangeError unless `u` is a probability. */
export function checkProbability(u: number): void {
  if (!(u >= 0 && u <= 1)) throw new RangeError(`A probability lies in 0 to 1, not at ${u}`);
}
