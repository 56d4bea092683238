import { expect } from 'vitest';
import {
  type Domain,
  audit,
  isFinding,
  migrate,
  reliableLink,
  restoreDomain,
  saveDomain,
} from '../../../engine/index.js';
import { type MigrationTool, TOOL_2006, TOOL_POST_COPY } from '../../../engine/operations/pre-copy-rule.js';
import { asMfn, asPfn } from '../../../engine/host/frame-number.js';
import { leavePool } from './dma-reference.js';
import { leaveGrants } from './grant-reference.js';
import { endGrant } from './grant-steps.js';
import { isStaged } from './staged-reference.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import type { Guest, World } from './world.js';

/** The guest in its new home, its contents as it wrote them; null when it was refused, and why it had to be. */
const move = (
  world: World,
  { domain, control, targetControl }: Readonly<Record<'domain' | 'control' | 'targetControl', Domain>>,
  tool: MigrationTool,
): Domain | null => {
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
  const canWait = domain.model.overcommit !== undefined || !tool.postCopies;
  const result = migrate({ guest: domain, control, targetControl, link, tool });
  if (isFinding(result)) {
    expect(placed && toolHasRoom && control.model.id !== 'p2m' && canLog && canWait && isWhole).toBe(false);
    return null;
  }
  expect(placed && canWait).toBe(true);
  expect(result.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
  return result.guest;
};

const thereAndBack = (world: World, guest: Guest, tool: MigrationTool): ReadonlySet<number> => {
  const { domain, reference } = guest;
  // A trusted tool that holds no reference goes on seeing what was there.
  if (reference.dirty !== null || (world.controlIsTrusted && world.lent.some((lent) => lent.guest === guest)))
    return NOTHING_WRITTEN;
  if (reference.lent.size > 0) {
    const { control, otherControl, host } = world;
    const link = reliableLink(host.simulation.platform.link);
    expect(isFinding(migrate({ guest: domain, control, targetControl: otherControl, link, tool }))).toBe(true);
    expect(isFinding(saveDomain({ guest: domain, control, diskBytesPerSecond: 1e8 }))).toBe(true);
    return NOTHING_WRITTEN;
  }
  const mapsOthers = world.grants.mapped.some(({ mapper }) => mapper === guest);
  // What a guest has granted it takes back before it moves, and grants again when it has arrived.
  for (const granted of world.grants.all.filter(({ granter }) => granter === guest)) endGrant(world, granted);
  const [control, targetControl] = [world.control, world.otherControl];
  const away = move(world, { domain, control, targetControl }, tool);
  if (reference.outside.size > 0 || mapsOthers || reference.device !== null || guest.linux !== null)
    expect(away).toBe(null);
  if (away === null) return NOTHING_WRITTEN;
  const home = move(world, { domain: away, control: targetControl, targetControl: control }, tool);
  expect(home).not.toBe(null);
  arriveAs(world, guest, home!);
  return NOTHING_WRITTEN;
};

/** The guest goes on as a domain that came up from what the first one was; it keeps neither mappings nor grants nor a pool. */
const arriveAs = (world: World, guest: Guest, home: Domain): void => {
  const { reference } = guest;
  leaveGrants(world.grants, guest, guest.domain);
  guest.domain = home;
  reference.waiting = 0;
  // Its devices were gone before, and its kernel sets up a pool anew where it has some again.
  for (const pfn of leavePool(reference)) home.free.giveBack(asPfn(pfn));
  for (const pfn of reference.borrowed) reference.ballooned.add(pfn);
  reference.borrowed.clear();
};

/** The guest goes to disk, its memory is free meanwhile, and it comes back; P==M to the frames that were kept for it. */
const toDiskAndBack: GuestStep = (world, guest) => {
  const { domain, reference } = guest;
  const { control } = world;
  if (reference.dirty !== null || reference.lent.size > 0 || world.lent.some((lent) => lent.guest === guest))
    return NOTHING_WRITTEN;
  // The tool may have to give memory of its own up to map the guest's.
  if (control.free.count < reference.memory.size + 8) return NOTHING_WRITTEN;
  const mapsOthers = world.grants.mapped.some(({ mapper }) => mapper === guest);
  for (const granted of world.grants.all.filter(({ granter }) => granter === guest)) endGrant(world, granted);
  const free = world.host.heap.freeFrames;
  const saved = saveDomain({ guest: domain, control, diskBytesPerSecond: 1e8, keepsFrames: true });
  const mayNot = reference.outside.size > 0 || mapsOthers || reference.device !== null || guest.linux !== null;
  if (isFinding(saved)) {
    expect(mayNot || control.model.id === 'p2m' || isStaged(world.controlGuest)).toBe(true);
    return NOTHING_WRITTEN;
  }
  expect(mayNot).toBe(false);
  if (domain.model.id !== 'direct')
    expect(world.host.heap.freeFrames).toBeGreaterThanOrEqual(free + reference.memory.size);
  expect(audit(world.host)).toEqual([]);
  const back = restoreDomain(saved, { control, diskBytesPerSecond: 1e8 });
  if (isFinding(back)) throw new Error(`${back.rule}: ${back.detail}`);
  expect(back.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
  arriveAs(world, guest, back.guest);
  return NOTHING_WRITTEN;
};

export const MIGRATION_STEPS: Readonly<Record<string, GuestStep>> = {
  'migrate there and back': (world, guest) => thereAndBack(world, guest, TOOL_2006),
};
export const POST_COPY_STEPS: Readonly<Record<string, GuestStep>> = {
  'post-copy there and back': (world, guest) => thereAndBack(world, guest, TOOL_POST_COPY),
};
export const DISK_STEPS: Readonly<Record<string, GuestStep>> = { 'to disk and back': toDiskAndBack };
