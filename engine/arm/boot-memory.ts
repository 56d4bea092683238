/** Frames `first` to `end − 1`. */
export interface FrameRange {
  readonly first: number;
  readonly end: number;
}

/** The range without those that are taken, in ascending order. */
export const withoutRanges = (range: FrameRange, taken: readonly FrameRange[]): FrameRange[] => {
  const left: FrameRange[] = [];
  let { first } = range;
  for (const { first: start, end } of taken.toSorted((a, b) => a.first - b.first)) {
    if (end <= first || start >= range.end) continue;
    if (start > first) left.push({ first, end: start });
    first = end;
  }
  if (first < range.end) left.push({ first, end: range.end });
  return left;
};

/**
 * The allocator of boot, before there is a heap: takes from the top of the highest region that has room, and leaves what
 * alignment cuts off as a region of its own.
 */
export const takeAtBoot = (
  regions: readonly FrameRange[],
  frames: number,
  alignment: number,
): { readonly taken: FrameRange; readonly left: FrameRange[] } => {
  const index = regions.findLastIndex(({ first, end }) => {
    const at = Math.floor((end - frames) / alignment) * alignment;
    return at >= first;
  });
  if (index < 0) throw new Error(`no region of ${frames} frames at boot`);
  const { end } = regions[index];
  const first = Math.floor((end - frames) / alignment) * alignment;
  const taken = { first, end: first + frames };
  return { taken, left: regions.flatMap((region) => withoutRanges(region, [taken])) };
};
