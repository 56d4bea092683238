import { type AccessPattern, type RandomStream, encodeAccess } from '../../engine/index.js';

const WORDS_A_FILL = 4096;

export interface HotAndCold {
  readonly pages: number;
  readonly hotPages: number;
  /** Share of the accesses that goes to the hot pages, 0 to 1. */
  readonly hotShare: number;
  /** Share of the accesses that writes, 0 to 1. */
  readonly writeShare: number;
  readonly stream: RandomStream;
}

/** Accesses at random, most of them to a small part of the pages: what most programs do. */
export const hotAndColdPattern = ({ pages, hotPages, hotShare, writeShare, stream }: HotAndCold): AccessPattern => {
  const hotBelow = hotShare * 2 ** 32;
  const writesBelow = writeShare * 2 ** 32;
  return {
    pages,
    fill(buffer) {
      const count = Math.min(buffer.length, WORDS_A_FILL);
      for (let index = 0; index < count; index += 1) {
        const isHot = stream.uint32() < hotBelow || hotPages >= pages;
        const page = isHot ? stream.below(hotPages) : hotPages + stream.below(pages - hotPages);
        buffer[index] = encodeAccess(page, stream.uint32() < writesBelow);
      }
      return count;
    },
    checkpoint: (archive) => archive.part('stream', stream),
  };
};
