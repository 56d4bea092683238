import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
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

const balloonIn: GuestStep = (world, { domain, reference }) => {
  const [pfn] = reference.ballooned;
  if (pfn === undefined) return NOTHING_WRITTEN;
  const { heap } = world.host;
  const possible = domain.model.id === 'direct' ? heap.isFree(asMfn(pfn)) : heap.freeFrames > 0;
  const refusal = domain.balloon.in(asPfn(pfn));
  expect(refusal === null).toBe(possible);
  if (refusal !== null) return NOTHING_WRITTEN;
  reference.balloonIn(pfn);
  return NOTHING_WRITTEN;
};

export const BALLOON_STEPS = { 'balloon out': balloonOut, 'balloon in': balloonIn };
