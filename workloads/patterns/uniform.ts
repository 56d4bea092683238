import { type AccessPattern, type RandomStream, encodeAccess } from '../../engine/index.js';

const WORDS_A_FILL = 4096;

/** Accesses uniformly at random over `pages`, of which `writeShare` (0 to 1) write. */
export const uniformPattern = (options: {
  readonly pages: number;
  readonly writeShare: number;
  readonly stream: RandomStream;
}): AccessPattern => {
  const { pages, stream } = options;
  const writesBelow = options.writeShare * 2 ** 32;
  return {
    pages,
    fill(buffer) {
      const count = Math.min(buffer.length, WORDS_A_FILL);
      for (let index = 0; index < count; index += 1) {
        buffer[index] = encodeAccess(stream.below(pages), stream.uint32() < writesBelow);
      }
      return count;
    },
    checkpoint: (archive) => archive.part('stream', stream),
  };
};
