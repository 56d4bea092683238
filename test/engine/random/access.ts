import { expect } from 'vitest';
import { asPfn } from '../../../engine/host/frame-number.js';
import { type Guest, type World, tablesOf } from './world.js';

/** Whether a page may be taken by a sweep: nobody wrote it, no table is in it, and nobody else maps it. */
const mayBeSwept = (guest: Guest, pfn: number): boolean =>
  guest.domain.log.stamp(asPfn(pfn)) === 0 && !tablesOf(guest).has(pfn) && !guest.reference.lent.has(pfn);

/** Takes over which zero pages a sweep took frames from; how many. */
const followSweep = (world: World, guest: Guest): number => {
  const { domain, reference } = guest;
  const own = new Set<number>(domain.model.ownedFrames());
  const swept = [...reference.memory].filter((pfn) => !own.has(pfn));
  for (const pfn of swept) {
    expect(mayBeSwept(guest, pfn)).toBe(true);
    reference.leave(pfn, 'demand');
    reference.waiting += 1;
  }
  world.goesStale(guest, swept);
  return swept.length;
};

/**
 * Makes an access to a page of a guest, wherever the page is; `own` when it has to have a frame of its own afterwards. `access` says
 * whether it came through: it must where there is a frame for the page, and must not where there is none.
 */
export const takeAccess = (world: World, guest: Guest, pfn: number, own: boolean, access: () => boolean): boolean => {
  const { reference } = guest;
  const at = reference.outside.get(pfn);
  const free = world.host.heap.freeFrames;
  const sweeps = at === 'demand' && reference.waiting === 0;
  const done = access();
  if (sweeps) expect(done).toBe(followSweep(world, guest) > 0);
  else if (at === 'disk' || (typeof at === 'object' && own && at.sharers > 1)) expect(done).toBe(free > 0);
  else expect(done).toBe(true);
  if (!done || (typeof at === 'object' && !own)) return done;
  world.settle(guest, pfn);
  return true;
};

/** An access by the kernel of a guest: whether it came through. It throws what a real one would hang on. */
export const comesThrough = (access: () => void): boolean => {
  try {
    access();
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/no frame free|has no frame free|a sweep found no zero page/u);
    return false;
  }
};

/** Whether a guest's kernel can touch a few of its pages, wherever they are. */
export const canTouch = ({ host }: World, { reference }: Guest, pages: number): boolean =>
  reference.outside.size === 0 ||
  (host.heap.freeFrames >= pages && (reference.count('demand') === 0 || reference.waiting >= pages));
