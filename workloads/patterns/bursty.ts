import { type AccessPattern, MAX_REPEATS, encodeAccess } from '../../engine/index.js';

export interface Bursty {
  readonly pages: number;
  /** Accesses to one page that it makes between two bursts, without writing. */
  readonly quietAccesses: number;
}

/** Writes all its pages at once, then computes for a while, as a garbage collector or a checkpointing program does. */
export const burstyPattern = ({ pages, quietAccesses }: Bursty): AccessPattern => {
  let page = 0;
  let quiet = 0;
  return {
    pages,
    fill(buffer) {
      if (page < pages) {
        const count = Math.min(buffer.length, pages - page);
        for (let index = 0; index < count; index += 1) buffer[index] = encodeAccess(page + index, true);
        page += count;
        return count;
      }
      const repeats = Math.min(MAX_REPEATS, Math.max(1, quietAccesses - quiet));
      buffer[0] = encodeAccess(0, false, repeats);
      quiet += repeats;
      if (quiet >= quietAccesses) {
        page = 0;
        quiet = 0;
      }
      return 1;
    },
    checkpoint(archive) {
      page = archive.value('page', page);
      quiet = archive.value('quiet', quiet);
    },
  };
};
