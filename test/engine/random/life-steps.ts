import { expect } from 'vitest';
import { buildDomain, destroyDomain, isFinding, restartCrashed, takeDownCrashed } from '../../../engine/index.js';
import { leaveDevice, leavePool } from './dma-reference.js';
import { leaveMappings } from './grant-reference.js';
import { ReferenceDomain } from './reference.js';
import { followPlaces, framesOf, isStaged } from './staged-reference.js';
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

const crashAndRestart: WorldStep = (world, number) => {
  const guest = world.guests[number];
  if (guest === null) return;
  const { account } = world.control;
  const { lent, ballooned, borrowed } = guest.reference;
  const pages = guest.reference.pages.length + ballooned.size + borrowed.size;
  const crashed = takeDownCrashed(guest.domain, account);
  expect(isFinding(crashed)).toBe(lent.size > 0);
  if (isFinding(crashed)) {
    // It has let go of what it drove and mapped. Its memory stays, and what others have of it.
    leaveDevice(guest);
    leavePool(guest.reference);
    leaveMappings(world.grants, guest);
    guest.isDown = true;
    followPlaces(world, guest);
    return;
  }
  expect(crashed.pages).toBe(pages);
  world.end(number);
  const again = restartCrashed(crashed, account);
  const direct = guest.domain.model.id === 'direct';
  if (isFinding(again)) {
    expect(direct).toBe(false);
    expect(world.host.heap.freeFrames).toBeLessThan(pages + world.framesKeptForGuest);
    return;
  }
  const memory = again.model.ownedFrames();
  if (direct && !isStaged(guest)) expect(memory).toEqual([...guest.reference.memory].toSorted((a, b) => a - b));
  // What was mapped where its own memory was is gone, so that this may be its own again.
  if (isStaged(guest)) {
    expect(memory).toEqual(expect.arrayContaining([...framesOf(guest)]));
    expect([...framesOf(guest), ...borrowed]).toEqual(expect.arrayContaining(memory));
  }
  world.guests[number] = guestOf(again, new ReferenceDomain(memory, null));
};

/** Domains come and go, and crash. */
export const LIFE_STEPS = { build, destroy, 'crash and restart': crashAndRestart };
