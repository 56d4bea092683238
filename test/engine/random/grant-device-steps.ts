import { expect } from 'vitest';
import { asPfn, isFinding } from '../../../engine/index.js';
import { allocateGrants, freeGrants, mapGrantDevice } from '../../../engine/linux/grant-devices.js';
import { unmapRange } from '../../../engine/linux/mmap.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { endLeft, programsSee } from './grant-device-reference.js';
import { type DeviceMapping, dropPages, mayMap, retire } from './grant-reference.js';
import { MOST_GRANTS, kernelOf, membersOf } from './grant-steps.js';
import { follow, hasRoom } from './linux-steps.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import type { Guest, World } from './world.js';

/** Where gntdev's areas are in a program, beyond all that it maps else: pages above its image, and as many apart. */
const ABOVE = 400;
const APART = 8;
const MOST_AREAS = 3;
const ROOM = 8;

/** A guest that runs programs and may use grants, with its grant table set up. */
const isReady = (world: World, guest: Guest): boolean => {
  const { linux } = guest;
  if (linux === null || !membersOf(world).includes(guest) || !hasRoom(world, guest, ROOM)) return false;
  linux.kernel.grants = kernelOf(world, guest);
  return linux.kernel.grants !== null;
};

const allocate: GuestStep = (world, guest, page, place) => {
  const others = membersOf(world).filter((each) => each !== guest);
  const pages = 1 + (page % 3);
  if (others.length === 0 || world.grants.all.length + pages > MOST_GRANTS || !isReady(world, guest)) {
    return NOTHING_WRITTEN;
  }
  const { kernel, mm, mine, layout } = guest.linux!;
  const { domain } = others[page % others.length];
  const firstPage = layout.places[place] + page;
  return follow(world, guest, () => {
    const area = allocateGrants(kernel, mm, { to: domain, pages, firstPage });
    endLeft(world.grants, guest);
    if (isFinding(area)) throw new Error(area.detail);
    area.pfns.forEach((pfn, index) => {
      mine.mapGranted(firstPage + index, pfn);
      world.grants.all.push({
        granter: guest,
        to: domain,
        kind: 'access',
        access: 'write',
        reference: area.references[index],
        pfn,
        through: null,
        program: { believed: mine, page: firstPage + index },
        mappings: 0,
        live: true,
        filled: false,
      });
    });
  });
};

const free: GuestStep = (world, guest, page) => {
  if (!isReady(world, guest)) return NOTHING_WRITTEN;
  const { kernel, mm, mine } = guest.linux!;
  const area = mm.granted[page % mm.granted.length];
  if (area === undefined) return NOTHING_WRITTEN;
  const grants = area.references.map((reference) =>
    world.grants.all.find((each) => each.granter === guest && each.reference === reference)!,
  );
  return follow(world, guest, () => {
    const refusal = freeGrants(kernel, mm, area.firstPage);
    expect(refusal === null).toBe(grants.every(({ mappings }) => mappings === 0));
    if (refusal !== null) return;
    mine.unmap(area.firstPage, grants.length);
    for (const grant of grants) retire(world.grants, grant);
  });
};

/** Areas of gntdev that the running program has. */
const areasOf = ({ grants }: World, { linux }: Guest): readonly DeviceMapping[] =>
  linux === null ? [] : grants.byDevice.filter(({ believed }) => believed === linux.mine);

const map: GuestStep = (world, guest, page) => {
  if (guest.domain.pv === null || !isReady(world, guest) || world.host.heap.freeFrames < 2) return NOTHING_WRITTEN;
  const { kernel, mm, mine, layout } = guest.linux!;
  const taken = areasOf(world, guest);
  const offered = world.grants.all.filter(({ kind, granter }) => kind === 'access' && granter !== guest);
  const fitting = page % 4 === 3 ? offered : offered.filter((each) => mayMap(each, guest, true));
  const first = fitting[page % fitting.length];
  if (first === undefined || taken.length >= MOST_AREAS) return NOTHING_WRITTEN;
  const { granter } = first;
  const wanted = fitting.filter((each) => each.granter === granter).slice(0, 1 + (page % 3));
  const places = Array.from({ length: MOST_AREAS }, (_, slot) => layout.program + ABOVE + slot * APART);
  const firstPage = places.find((at) => taken.every((each) => each.firstPage !== at))!;
  return follow(world, guest, () => {
    const references = wanted.map(({ reference }) => reference);
    const area = mapGrantDevice(kernel, mm, { granter: granter.domain, references, firstPage });
    expect(isFinding(area)).toBe(!wanted.every((each) => mayMap(each, guest, true)));
    if (isFinding(area)) return;
    for (const each of wanted) {
      each.mappings += 1;
      granter.reference.lend(each.pfn, 1);
    }
    world.grants.byDevice.push({ guest, believed: mine, firstPage, pages: [...wanted] });
  });
};

/** The program unmaps some pages of an area, or all that are left. */
const unmap: GuestStep = (world, guest, page, place) => {
  const areas = areasOf(world, guest);
  const area = areas[page % areas.length];
  if (area === undefined || !isReady(world, guest)) return NOTHING_WRITTEN;
  const { kernel, mm } = guest.linux!;
  const [from, to] = page % 2 === 0 ? [0, area.pages.length] : [place % 2, (place % 2) + 1];
  return follow(world, guest, () => {
    unmapRange(kernel, mm, area.firstPage + from, to - from);
    dropPages(world.grants, area, from, to);
  });
};

const use: GuestStep = (world, guest, page) => {
  const areas = areasOf(world, guest);
  const area = areas[page % areas.length];
  if (area === undefined || !isReady(world, guest)) return NOTHING_WRITTEN;
  const { kernel, mm } = guest.linux!;
  const index = page % area.pages.length;
  const grant = area.pages[index];
  const vpn = area.firstPage + index;
  if (grant === null) {
    expect(isFinding(readPage(kernel, mm, vpn))).toBe(true);
    return NOTHING_WRITTEN;
  }
  const { granter, pfn } = grant;
  if (page < 6) {
    expect(readPage(kernel, mm, vpn)).toBe(granter.domain.log.stamp(asPfn(pfn)));
    return NOTHING_WRITTEN;
  }
  const stamp = writePage(kernel, mm, vpn);
  if (isFinding(stamp)) throw new Error(stamp.detail);
  granter.domain.log.wrote(asPfn(pfn), stamp);
  granter.reference.write(pfn);
  programsSee(world.grants, granter, pfn, stamp);
  return NOTHING_WRITTEN;
};

/** Programs grant pages by gntalloc and map those of others by gntdev, beside all else that is done with them. */
export const GRANT_DEVICE_STEPS: Readonly<Record<string, GuestStep>> = {
  'gntalloc: grant': allocate,
  'gntalloc: free': free,
  'gntdev: map': map,
  'gntdev: unmap': unmap,
  'gntdev: use': use,
};
