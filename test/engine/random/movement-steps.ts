import { expect } from 'vitest';
import { isFinding, offlineFrame, plugBank, relocatePages, unplugBank } from '../../../engine/index.js';
import { NO_FRAME, asPfn } from '../../../engine/host/frame-number.js';
import { bringOnline } from '../../../engine/host/offline-frames.js';
import { type GuestStep, NOTHING_WRITTEN, type WorldStep } from './step.js';
import { type Guest, type World, tablesOf } from './world.js';

/** What a guest that left frames by itself must have done: they are ballooned out, and its pages are where it was free. */
const followVacated = (world: World, guest: Guest): ReadonlySet<number> => {
  const { domain, reference } = guest;
  const left = domain.balloon.frames.filter((pfn) => !reference.ballooned.has(pfn));
  world.goesStale(guest, left);
  const tables = tablesOf(guest);
  const programPages = [...reference.mapped.keys()].map((vpn) => domain.log.mapped(vpn));
  // A page may be where another was that moved on.
  expect(new Set([...tables, ...programPages]).size).toBe(new Set(tables).size + programPages.length);
  const written = new Set<number>();
  for (const pfn of left) {
    expect(reference.isHeld(pfn)).toBe(false);
    reference.balloonOut(pfn);
  }
  for (const [vpn, entry] of reference.mapped) {
    const to = domain.log.mapped(vpn);
    if (to === entry.pfn) continue;
    // A frame that its page has left stays free where the kernel cannot break its own large mapping of it. The table that the
    // next one needs may be made there.
    expect([...left, ...domain.free.copy(), ...tables, ...programPages]).toContain(entry.pfn);
    expect(reference.memory.has(to)).toBe(true);
    reference.mapped.set(vpn, { ...entry, pfn: to });
    reference.write(to);
    written.add(to);
  }
  return written;
};

const relocate: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { pages } = reference;
  const pfns = (page % 2 === 0 ? pages.slice(page, page + 3) : pages.slice(-3)).map(asPfn);
  const free = world.host.heap.freeFrames;
  const { moved, blocked } = relocatePages({ domain, pfns, payer: world.control.account });
  const movable = pfns.filter((pfn) => reference.memory.has(pfn) && !reference.isHeld(pfn));
  expect(moved).toBe(domain.model.id === 'direct' ? 0 : Math.min(movable.length, free));
  expect(blocked).toHaveLength(pfns.length - moved);
  if (moved > 0) world.goesStale(guest, pfns);
  return NOTHING_WRITTEN;
};

const offlineAndBack: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { host, control } = world;
  const inFrames = reference.pages.filter((each) => domain.model.machineFrame(asPfn(each)) !== NO_FRAME);
  if (inFrames.length === 0) return NOTHING_WRITTEN;
  const at = page % inFrames.length;
  const pfn = asPfn(inFrames.at(page % 2 === 0 ? at : -1 - at)!);
  const mfn = domain.model.machineFrame(pfn);
  const free = host.heap.freeFrames;
  const before = world.contents(guest);
  const refusal = offlineFrame({ host, mfn, payer: control.account });
  const lent = reference.lent.has(pfn);
  if (domain.model.id !== 'direct') expect(refusal === null).toBe(!reference.isHeld(pfn) && free > 0);
  if (lent && !reference.pinned.has(pfn)) expect(refusal).toMatchObject({ rule: 'not-referenced' });
  if (reference.pinned.has(pfn)) expect(refusal).toMatchObject({ rule: 'not-mapped-for-dma' });
  if (refusal === null) world.goesStale(guest, [pfn]);
  const written = followVacated(world, guest);
  bringOnline(host, mfn);
  // A page may have been copied to a frame that held the same.
  return new Set([...written].filter((each) => before.get(each) !== domain.log.stamp(asPfn(each))));
};

/** A guest takes back what it left, so that it does not dwindle. */
const refill = ({ domain, reference, isDown }: Guest): void => {
  if (isDown) return;
  for (const pfn of reference.ballooned) {
    if (domain.balloon.in(asPfn(pfn)) !== null) continue;
    reference.balloonIn(pfn);
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
  for (const pfn of control.balloon.frames) expect(control.balloon.in(pfn)).toBe(null);
  world.guests.forEach((guest, index) => {
    if (guest === null) return;
    followVacated(world, guest);
    const { model } = guest.domain;
    const moved = [...guest.reference.memory].filter((pfn) => !before[index]!.includes(model.machineFrame(asPfn(pfn))));
    world.goesStale(guest, moved);
    refill(guest);
  });
};

/** Pages move to other frames, frames go out of use and come back, banks are taken out. */
export const MOVEMENT_STEPS = { relocate, 'offline and back': offlineAndBack };
export const MOVEMENT_OF_WORLD = { 'unplug and back': unplugAndBack };
