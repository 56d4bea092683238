import { expect } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { BATCH_PAGES } from '../../../engine/operations/page-transfer.js';
import { canTouch } from './access.js';
import { isOfPool } from './dma-reference.js';
import type { WorldStep } from './step.js';
import { tablesOf, useBy } from './world.js';

/** Pages of the tool above those that a migration maps its two batches at. */
const ABOVE_BATCHES = 2 * BATCH_PAGES;

const map: WorldStep = (world, number, page) => {
  const guest = world.guests[number];
  if (guest === null || world.lent.length >= 3) return;
  const { domain, reference } = guest;
  const writable = page % 2 === 0;
  const tables = tablesOf(guest);
  const { pages } = reference;
  const pfns = (page % 3 === 0 ? pages.toReversed() : pages)
    .filter((pfn) => !tables.has(pfn) && !isOfPool(guest, pfn))
    .slice(page % 4, (page % 4) + 3);
  if (pfns.length === 0 || !canTouch(world, guest, pfns.length)) return;
  const slot = [0, 1, 2].find((free) => world.lent.every((lent) => lent.slot !== free))!;
  const firstPage = ABOVE_BATCHES + slot * 4;
  const mapping = mapForeign(world.control, domain, pfns.map(asPfn), { writable, firstPage });
  for (const pfn of pfns) world.settle(guest, pfn);
  if (isFinding(mapping)) {
    expect(mapping.rule).toBe('frames-to-borrow');
    return;
  }
  if (!world.controlIsTrusted) for (const pfn of pfns) reference.lend(pfn, 1);
  world.lent.push({ guest, pfns, mapping, writable, slot, stale: new Set() });
};

const unmap: WorldStep = (world, _number, page) => {
  const lent = world.lent[page % 3];
  if (lent === undefined) return;
  lent.mapping.unmap();
  if (!world.controlIsTrusted) for (const pfn of lent.pfns) lent.guest.reference.lend(pfn, -1);
  world.lent.splice(page % 3, 1);
};

const read: WorldStep = (world, _number, page) => {
  const lent = world.lent[page % 3];
  if (lent === undefined) return;
  const { guest, mapping, pfns, stale } = lent;
  const index = page % mapping.length;
  if (stale.has(pfns[index])) return;
  expect(mapping.read(index)).toBe(guest.domain.model.machineFrame(asPfn(pfns[index])));
};

const write: WorldStep = (world, _number, page) => {
  const lent = world.lent[page % 3];
  if (lent === undefined || !lent.writable) return;
  const { guest, mapping, pfns, stale } = lent;
  const index = page % mapping.length;
  const pfn = pfns[index];
  if (stale.has(pfn) || useBy(guest, pfn) !== PageUse.none) return;
  const before = world.contents(guest);
  const stamp = world.host.simulation.nextStamp();
  mapping.write(index, stamp);
  guest.domain.log.wrote(asPfn(pfn), stamp);
  guest.reference.write(pfn);
  world.expectWritten(guest, before, new Set([pfn]));
};

/** The control domain maps frames of guests. */
export const FOREIGN_STEPS = {
  'map foreign': map,
  'unmap foreign': unmap,
  'read foreign': read,
  'write foreign': write,
};
