import { expect } from 'vitest';
import { buildDomain, destroyDomain, isFinding } from '../../../engine/index.js';
import { ReferenceDomain } from './reference.js';
import type { WorldStep } from './step.js';
import { guestOf } from './world.js';

const build: WorldStep = (world, number) => {
  if (world.guests[number] !== null) return;
  const { host, control, guestVariant, size } = world;
  const free = host.heap.freeFrames;
  const { model, options } = guestVariant;
  const spec = { name: `guest ${number}`, model, options, builder: control.account };
  const domain = buildDomain(host, spec, size.guestPages);
  if (isFinding(domain)) {
    expect(host.heap.freeFrames).toBe(free);
    if (model !== 'direct') expect(free).toBeLessThan(size.guestPages + world.framesKeptForGuest);
    return;
  }
  world.guests[number] = guestOf(domain, new ReferenceDomain(domain.model.ownedFrames(), null));
};

const destroy: WorldStep = (world, number) => {
  const guest = world.guests[number];
  if (guest === null) return;
  const refusal = destroyDomain(guest.domain, world.control.account);
  expect(refusal !== null).toBe(guest.reference.lent.size > 0);
  if (refusal !== null) return;
  world.end(number);
};

/** Domains come and go. */
export const LIFE_STEPS = { build, destroy };
