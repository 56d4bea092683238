import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { isStaged, keepsAll, placesInUse } from './staged-reference.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';

const balloonOut: GuestStep = (world, guest) => {
  const { domain, reference } = guest;
  if (domain.free.count < 6) return NOTHING_WRITTEN;
  const result = domain.balloon.out();
  if (isFinding(result)) {
    expect(reference.lent.size).toBeGreaterThan(0);
    return NOTHING_WRITTEN;
  }
  expect(reference.lent.has(result)).toBe(false);
  world.goesStale(guest, [result]);
  reference.balloonOut(result);
  return NOTHING_WRITTEN;
};

const balloonIn: GuestStep = (world, guest) => {
  const { domain, reference } = guest;
  const [pfn] = reference.ballooned;
  if (pfn === undefined) return NOTHING_WRITTEN;
  const { heap } = world.host;
  const isThere = keepsAll(guest) || heap.isFree(asMfn(pfn));
  const possible = domain.model.id === 'direct' ? isThere : heap.freeFrames > 0;
  const refusal = domain.balloon.in(asPfn(pfn));
  if (refusal?.rule === 'not-mapped-at') {
    expect(isStaged(guest)).toBe(true);
    expect(placesInUse(world, guest)).toBeGreaterThan(0);
    expect(domain.model.frameBehindEntry(pfn)).not.toBe(pfn);
    return NOTHING_WRITTEN;
  }
  expect(refusal === null).toBe(possible);
  if (refusal !== null) return NOTHING_WRITTEN;
  reference.balloonIn(pfn);
  return NOTHING_WRITTEN;
};

export const BALLOON_STEPS = { 'balloon out': balloonOut, 'balloon in': balloonIn };
