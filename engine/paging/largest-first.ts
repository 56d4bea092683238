import { NO_FRAME } from '../host/frame-number.js';
import type { ChunkSource, SecondStage } from './second-stage.js';

/** What `populateLargestFirst` uses of a second stage. */
type Stage = Pick<SecondStage, 'machineFrame' | 'mapRun'>;

/**
 * Gives the guest frames 0 to `pages − 1` memory as Xen on Arm does for a guest that it builds by itself: each time the largest chunk
 * that what is left has room for, whatever its alignment in the guest, and never again an order that failed. Returns how many got
 * memory. Source: allocate_bank_memory in xen/arch/arm/domain_build.c of Xen 4.17.
 */
export const populateLargestFirst = (stage: Stage, pages: number, source: ChunkSource): number => {
  let done = 0;
  let largest = Math.floor(Math.log2(Math.max(1, pages)));
  while (done < pages) {
    const order = Math.min(largest, Math.floor(Math.log2(pages - done)));
    const first = source.allocate(order, done);
    if (first === NO_FRAME) {
      if (order === 0) return done;
      largest = order - 1;
      continue;
    }
    if (!stage.mapRun(done, first, 2 ** order)) {
      for (let page = 0; page < 2 ** order; page += 1) {
        if (stage.machineFrame(done + page) === NO_FRAME) source.giveBack(first + page, 0);
      }
      return done;
    }
    done += 2 ** order;
  }
  return done;
};
