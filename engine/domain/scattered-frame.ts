import type { RandomStream } from '../host/random.js';

/** Takes one of the frames from anywhere in the list, whose order changes; null when there is none. */
export const takeScattered = <Frame extends number>(frames: Frame[], stream: RandomStream): Frame | null => {
  if (frames.length === 0) return null;
  const index = stream.below(frames.length);
  const last = frames.length - 1;
  [frames[index], frames[last]] = [frames[last], frames[index]];
  return frames.pop()!;
};
