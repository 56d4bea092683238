import { expect } from 'vitest';
import { type ModelId, isFinding, pageOut, sharePages } from '../../../engine/index.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { buildOnDemand } from '../../../engine/operations/build-on-demand.js';
import { comesThrough, takeAccess } from './access.js';
import { ReferenceDomain, type Share } from './reference.js';
import { type GuestStep, NOTHING_WRITTEN, type WorldStep } from './step.js';
import { type Guest, type World, guestOf, tablesOf, useBy } from './world.js';

/** What the table of operations gives each model, with what is hypothetical. */
const WAYS: Readonly<Record<ModelId, readonly ('share' | 'page out' | 'populate on demand')[]>> = {
  direct: [],
  p2m: [],
  insert: ['share'],
  shadow: ['populate on demand'],
  nested: ['share', 'page out', 'populate on demand'],
};

const hasWay = ({ guestVariant }: World, way: (typeof WAYS)['nested'][number]): boolean =>
  WAYS[guestVariant.model].includes(way) && guestVariant.options.exposedP2m !== true;

/** Whether the page is in its own frame and nothing holds it there. */
const isPlain = (guest: Guest, pfn: number): boolean =>
  guest.reference.device === null &&
  guest.reference.memory.has(pfn) &&
  !tablesOf(guest).has(pfn) &&
  !guest.reference.isHeld(pfn);

/** A page of the guest: mostly one that fits, where there is one, and any else. */
const pageOf = ({ reference }: Guest, page: number, fits: (pfn: number) => boolean): number | undefined => {
  const fitting = page % 4 === 3 ? [] : reference.pages.filter(fits);
  const pages = fitting.length > 0 ? fitting : reference.pages;
  return page % 2 === 0 ? pages[page % pages.length] : pages.at(-1 - (page % pages.length));
};

const read: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const pfn = pageOf(guest, page, (each) => reference.outside.has(each));
  if (pfn === undefined) return NOTHING_WRITTEN;
  let found = 0;
  const done = takeAccess(world, guest, pfn, false, () =>
    comesThrough(() => {
      found = domain.readKernel(asPfn(pfn));
    }),
  );
  if (done) expect(found).toBe(domain.log.stamp(asPfn(pfn)));
  return NOTHING_WRITTEN;
};

const out: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const pfn = pageOf(guest, page, (each) => isPlain(guest, each));
  if (pfn === undefined) return NOTHING_WRITTEN;
  const hasRoom = world.host.pagingDisk!.emptySlots > 0;
  const possible = hasWay(world, 'page out') && reference.dirty === null && isPlain(guest, pfn) && hasRoom;
  const refusal = pageOut({ domain, pfns: [asPfn(pfn)], pager: world.control.account, hypothetical: true });
  expect(refusal === null).toBe(possible);
  if (!possible) return NOTHING_WRITTEN;
  reference.leave(pfn, 'disk');
  world.goesStale(guest, [pfn]);
  return NOTHING_WRITTEN;
};

/** The page gets the contents of another, so that both can stand on one frame. */
const makeEqual = (guest: Guest, pfn: number, stamp: number): void => {
  const { domain, reference } = guest;
  if (!isPlain(guest, pfn) || useBy(guest, pfn) !== PageUse.none) return;
  domain.fillKernel(asPfn(pfn), stamp);
  reference.write(pfn);
};

const canShare = (guest: Guest, pfn: number): boolean =>
  guest.reference.dirty === null && (isPlain(guest, pfn) || typeof guest.reference.outside.get(pfn) === 'object');

const share: WorldStep = (world, number, page) => {
  const [first, second] = [world.guests[number], world.guests[(number + 1 + (page % 2)) % 3]];
  if (first === null || second === null || first.isDown || second.isDown) return;
  const [pfn, other] = [first, second].map((guest) => pageOf(guest, page, (each) => canShare(guest, each)));
  if (pfn === undefined || other === undefined) return;
  const stampOf = ({ domain }: Guest, at: number): number => domain.log.stamp(asPfn(at));
  if (page % 4 < 3) makeEqual(second, other, stampOf(first, pfn));
  const shareOf = ({ reference }: Guest, at: number): Share | null => {
    const place = reference.outside.get(at);
    return typeof place === 'object' ? place : null;
  };
  const [kept, left] = [shareOf(first, pfn), shareOf(second, other)];
  const possible =
    hasWay(world, 'share') &&
    canShare(first, pfn) &&
    canShare(second, other) &&
    stampOf(first, pfn) === stampOf(second, other) &&
    (kept === null || kept !== left);
  const refusal = sharePages({
    first: { domain: first.domain, pfn: asPfn(pfn) },
    second: { domain: second.domain, pfn: asPfn(other) },
    payer: world.control.account,
    hypothetical: true,
  });
  expect(refusal === null).toBe(possible);
  if (!possible) return;
  const joint = kept ?? { sharers: 1 };
  if (kept === null) first.reference.leave(pfn, joint);
  world.goesStale(first, [pfn]);
  for (const guest of world.guests) {
    if (guest === null || left === null) continue;
    for (const [each, at] of guest.reference.outside) {
      if (at !== left) continue;
      guest.reference.outside.set(each, joint);
      world.goesStale(guest, [each]);
    }
  }
  joint.sharers += left?.sharers ?? 1;
  if (left === null) second.reference.leave(other, joint);
  world.goesStale(second, [other]);
};

const build: WorldStep = (world, number) => {
  if (world.guests[number] !== null) return;
  const { host, control, guestVariant, size } = world;
  const { model, options } = guestVariant;
  const free = host.heap.freeFrames;
  const frames = Math.ceil(size.guestPages * 0.7);
  const spec = { name: `guest ${number}`, model, options, builder: control.account };
  const domain = buildOnDemand(host, spec, { pages: size.guestPages, frames, hypothetical: true });
  if (isFinding(domain)) {
    expect(host.heap.freeFrames).toBe(free);
    if (hasWay(world, 'populate on demand')) expect(free).toBeLessThan(frames + world.framesKeptForGuest);
    return;
  }
  expect(hasWay(world, 'populate on demand')).toBe(true);
  const own = new Set<number>(domain.model.ownedFrames());
  const pfns = Array.from({ length: size.guestPages }, (_, pfn) => pfn).filter((pfn) => !own.has(pfn));
  const waiting = frames - own.size;
  world.guests[number] = guestOf(domain, new ReferenceDomain([...own], { pfns, waiting }));
};

/** Guests get less memory than they have pages. */
export const OVERCOMMIT_STEPS = { read, 'page out': out };
export const OVERCOMMIT_OF_WORLD = { share, 'build on demand': build };
