import { expect } from 'vitest';
import {
  isFinding,
  offlineFrame,
  plugBank,
  relocatePages,
  restartCrashed,
  takeDownCrashed,
  unplugBank,
} from '../../../engine/index.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { bringOnline } from '../../../engine/host/offline-frames.js';
import { ReferenceDomain } from './reference.js';
import { type GuestStep, NOTHING_WRITTEN, type WorldStep } from './step.js';
import type { Guest, World } from './world.js';

/** A trusted tool holds no reference to what it maps: once the page is elsewhere, it sees what was there. */
const goesStale = (world: World, guest: Guest, pfns: Iterable<number>): void => {
  if (!world.controlIsTrusted) return;
  for (const lent of world.lent.filter((entry) => entry.guest === guest)) {
    for (const pfn of pfns) if (lent.pfns.includes(pfn)) lent.stale.add(pfn);
  }
};

/** What a guest that left frames by itself must have done: they are ballooned out, and its pages are where it was free. */
const followVacated = (world: World, guest: Guest): ReadonlySet<number> => {
  const { domain, reference } = guest;
  const left = domain.balloonedFrames.filter((pfn) => !reference.ballooned.has(pfn));
  goesStale(world, guest, left);
  const used = new Set<number>([...domain.tablePfns, ...[...reference.mapped.values()].map(({ pfn }) => pfn)]);
  const written = new Set<number>();
  for (const pfn of left) {
    expect(reference.lent.has(pfn) && !world.controlIsTrusted).toBe(false);
    reference.memory.delete(pfn);
    reference.ballooned.add(pfn);
  }
  for (const [vpn, entry] of reference.mapped) {
    if (!left.includes(asPfn(entry.pfn))) continue;
    const to = domain.log.mapped(vpn);
    expect(reference.memory.has(to) && !used.has(to)).toBe(true);
    used.add(to);
    reference.mapped.set(vpn, { ...entry, pfn: to });
    reference.write(to);
    written.add(to);
  }
  return written;
};

const relocate: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const pfns = [...reference.memory].slice(page, page + 3).map(asPfn);
  const free = world.host.heap.freeFrames;
  const { moved, blocked } = relocatePages({ domain, pfns, payer: world.control.account });
  const movable = pfns.filter((pfn) => world.controlIsTrusted || !reference.lent.has(pfn));
  expect(moved).toBe(domain.model.id === 'direct' ? 0 : Math.min(movable.length, free));
  expect(blocked).toHaveLength(pfns.length - moved);
  if (moved > 0) goesStale(world, guest, pfns);
  return NOTHING_WRITTEN;
};

const offlineAndBack: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { host, control } = world;
  if (reference.memory.size === 0) return NOTHING_WRITTEN;
  const pfn = asPfn([...reference.memory][page % reference.memory.size]);
  const mfn = domain.model.machineFrame(pfn);
  const free = host.heap.freeFrames;
  const refusal = offlineFrame({ host, mfn, payer: control.account });
  const lent = !world.controlIsTrusted && reference.lent.has(pfn);
  if (domain.model.id !== 'direct') expect(refusal === null).toBe(!lent && free > 0);
  if (lent) expect(refusal).toMatchObject({ rule: 'not-referenced' });
  if (refusal === null) goesStale(world, guest, [pfn]);
  const written = followVacated(world, guest);
  bringOnline(host, mfn);
  return written;
};

/** A guest takes back what it left, so that it does not dwindle. */
const refill = ({ domain, reference }: Guest): void => {
  for (const pfn of reference.ballooned) {
    if (domain.balloonIn(asPfn(pfn)) !== null) continue;
    reference.ballooned.delete(pfn);
    reference.memory.add(pfn);
    reference.write(pfn);
  }
};

const unplugAndBack: WorldStep = (world, number, page) => {
  if (page >= 6) return;
  const { host, control } = world;
  const bank = host.banks[page % 2];
  const before = world.guests.map(
    (guest) => guest && guest.domain.model.ownedFrames().map((pfn) => guest.domain.model.machineFrame(pfn)),
  );
  const removal = unplugBank({ host, payer: control.account }, bank);
  if (isFinding(removal)) throw new Error(removal.detail);
  const { left } = removal.drain(number === 0 ? Infinity : page * 2);
  const refusal = removal.finish();
  expect(refusal === null).toBe(left === 0);
  if (refusal === null) expect(plugBank(host, bank, control.account)).toMatchObject({ metadataPages: 0 });
  else removal.undo();
  for (const pfn of control.balloonedFrames) expect(control.balloonIn(pfn)).toBe(null);
  world.guests.forEach((guest, index) => {
    if (guest === null) return;
    followVacated(world, guest);
    const { model } = guest.domain;
    const moved = [...guest.reference.memory].filter((pfn) => !before[index]!.includes(model.machineFrame(asPfn(pfn))));
    goesStale(world, guest, moved);
    refill(guest);
  });
};

const crashAndRestart: WorldStep = (world, number) => {
  const guest = world.guests[number];
  if (guest === null) return;
  const { account } = world.control;
  const pages = guest.reference.memory.size + guest.reference.ballooned.size;
  const crashed = takeDownCrashed(guest.domain, account);
  expect(isFinding(crashed)).toBe(!world.controlIsTrusted && guest.reference.lent.size > 0);
  if (isFinding(crashed)) return;
  expect(crashed.pages).toBe(pages);
  world.guests[number] = null;
  for (const lent of world.lent.filter((entry) => entry.guest === guest)) {
    lent.mapping.unmap();
    world.lent.splice(world.lent.indexOf(lent), 1);
  }
  const again = restartCrashed(crashed, account);
  const direct = guest.domain.model.id === 'direct';
  if (isFinding(again)) {
    expect(direct).toBe(false);
    expect(world.host.heap.freeFrames).toBeLessThan(pages + world.framesKeptForGuest);
    return;
  }
  const memory = again.model.ownedFrames();
  if (direct) expect(memory).toEqual([...guest.reference.memory].toSorted((a, b) => a - b));
  world.guests[number] = { domain: again, reference: new ReferenceDomain(memory) };
};

/** Pages move to other frames, frames go out of use and come back, banks are taken out, domains crash. */
export const MOVEMENT_STEPS = { relocate, 'offline and back': offlineAndBack };
export const MOVEMENT_OF_WORLD = { 'unplug and back': unplugAndBack, 'crash and restart': crashAndRestart };
