import { type AccessPattern, encodeAccess } from '../../engine/index.js';

const WORDS_A_FILL = 4096;

/**
 * Writes page after page, round and round. For a given rate of writes nothing dirties pages faster; downwards it meets a
 * tool that sends pages upwards, so that those it writes were just sent.
 */
export const sweepPattern = (options: { readonly pages: number; readonly downwards: boolean }): AccessPattern => {
  const { pages, downwards } = options;
  let next = 0;
  return {
    pages,
    fill(buffer) {
      const count = Math.min(buffer.length, WORDS_A_FILL);
      for (let index = 0; index < count; index += 1) {
        buffer[index] = encodeAccess(downwards ? pages - 1 - next : next, true);
        next = (next + 1) % pages;
      }
      return count;
    },
    checkpoint(archive) {
      next = archive.value('next', next);
    },
  };
};
