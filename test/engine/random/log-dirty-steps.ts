import { expect } from 'vitest';
import { beginLogDirty, endLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import { tablesOf } from './world.js';

const begin: GuestStep = (world, { domain, reference }) => {
  if (reference.dirty !== null) return NOTHING_WRITTEN;
  const canLog = world.canLog(domain);
  const refusal = beginLogDirty(world.control, domain, () => {});
  expect(refusal === null).toBe(canLog);
  if (refusal !== null) return NOTHING_WRITTEN;
  reference.dirty = new Set();
  return NOTHING_WRITTEN;
};

const harvest =
  (goesOn: boolean): GuestStep =>
  (world, guest) => {
    const { domain, reference } = guest;
    if (reference.dirty === null) return NOTHING_WRITTEN;
    const tables = tablesOf(guest);
    const dirty = harvestDirty(world.control, domain, () => {}).filter((pfn) => !tables.has(pfn));
    const expected = [...reference.dirty].filter((pfn) => !tables.has(pfn)).toSorted((a, b) => a - b);
    expect(dirty.filter((pfn) => !reference.mayBeDirty.has(pfn) || reference.dirty!.has(pfn))).toEqual(expected);
    reference.mayBeDirty.clear();
    reference.dirty = goesOn ? new Set() : null;
    if (!goesOn) endLogDirty(world.control, domain, () => {});
    return NOTHING_WRITTEN;
  };

export const LOG_DIRTY_STEPS = { log: begin, harvest: harvest(true), 'stop logging': harvest(false) };
