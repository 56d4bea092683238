import { expect } from 'vitest';
import { type Domain, isFinding, migrate, reliableLink } from '../../../engine/index.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { leavePool } from './dma-reference.js';
import { leaveGrants } from './grant-reference.js';
import { endGrant } from './grant-steps.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import type { World } from './world.js';

/** The guest in its new home, its contents as it wrote them; null when it was refused, and why it had to be. */
const move = (world: World, domain: Domain, control: Domain, targetControl: Domain): Domain | null => {
  const isWhole =
    (domain.model.overcommit?.outside ?? 0) === 0 &&
    domain.foreign.size === 0 &&
    domain.processes === null &&
    domain.host.dma.devicesOf(domain).length === 0;
  const link = reliableLink(world.host.simulation.platform.link);
  const { heap } = targetControl.host;
  const pages = domain.model.ownedFrames();
  const placed =
    domain.model.id === 'direct'
      ? pages.every((pfn) => heap.isFree(asMfn(pfn)))
      : heap.freeFrames >= pages.length + world.framesKeptForGuest;
  const toolHasRoom = Math.min(control.free.count, targetControl.free.count) >= 8;
  const canLog = world.canLog(domain);
  const result = migrate({ guest: domain, control, targetControl, link });
  if (isFinding(result)) {
    expect(placed && toolHasRoom && control.model.id !== 'p2m' && canLog && isWhole).toBe(false);
    return null;
  }
  expect(placed).toBe(true);
  expect(result.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
  return result.guest;
};

const thereAndBack: GuestStep = (world, guest) => {
  const { domain, reference } = guest;
  if (reference.dirty !== null || reference.lent.size > 0 || world.lent.some((lent) => lent.guest === guest))
    return NOTHING_WRITTEN;
  const mapsOthers = world.grants.mapped.some(({ mapper }) => mapper === guest);
  // What a guest has granted it takes back before it moves, and grants again when it has arrived.
  for (const granted of world.grants.all.filter(({ granter }) => granter === guest)) endGrant(world, granted);
  const away = move(world, domain, world.control, world.otherControl);
  if (reference.outside.size > 0 || mapsOthers || reference.device !== null || guest.linux !== null)
    expect(away).toBe(null);
  if (away === null) return NOTHING_WRITTEN;
  const home = move(world, away, world.otherControl, world.control);
  expect(home).not.toBe(null);
  leaveGrants(world.grants, guest, domain);
  guest.domain = home!;
  reference.waiting = 0;
  // Its devices were gone before, and its kernel sets up a pool anew where it has some again.
  for (const pfn of leavePool(reference)) home!.free.giveBack(asPfn(pfn));
  for (const pfn of reference.borrowed) reference.ballooned.add(pfn);
  reference.borrowed.clear();
  return NOTHING_WRITTEN;
};

export const MIGRATION_STEPS = { 'migrate there and back': thereAndBack };
