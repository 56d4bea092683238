import { expect } from 'vitest';
import { asPfn } from '../../../engine/host/frame-number.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { canTouch, comesThrough, takeAccess } from './access.js';
import { isOfPool } from './dma-reference.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import { useBy } from './world.js';

const mapPage =
  (writable: boolean): GuestStep =>
  (world, guest, page) => {
    const { domain, reference } = guest;
    if (domain.free.count < 6 || reference.mapped.has(page) || !canTouch(world, guest, 6)) return NOTHING_WRITTEN;
    const pfn = domain.free.take()!;
    domain.mapPage(page, pfn, writable);
    reference.mapped.set(page, { pfn, writable });
    for (const table of domain.tablePfns) {
      world.settle(guest, table);
      reference.write(table);
    }
    return NOTHING_WRITTEN;
  };

const unmap: GuestStep = (_world, { domain, reference }, page) => {
  if (reference.mapped.delete(page)) domain.unmapPage(page);
  return NOTHING_WRITTEN;
};

const write: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const entry = reference.mapped.get(page);
  if (entry?.writable !== true) {
    expect(domain.writePage(page)).not.toBe(null);
    return NOTHING_WRITTEN;
  }
  if (!takeAccess(world, guest, entry.pfn, true, () => domain.writePage(page) === null)) return NOTHING_WRITTEN;
  reference.write(entry.pfn);
  return new Set([entry.pfn]);
};

const kernelWrite: GuestStep = (world, guest, page) => {
  const { domain, reference } = guest;
  const { pages } = reference;
  if (pages.length === 0) return NOTHING_WRITTEN;
  const pfn = asPfn(page % 3 === 0 ? pages.at(-1 - (page % pages.length))! : pages[page % pages.length]);
  if (domain.pv !== null && domain.tablePfns.includes(pfn)) return NOTHING_WRITTEN;
  // What a program or a driver has there is for them to write.
  if (useBy(guest, pfn) !== PageUse.none || isOfPool(guest, pfn)) return NOTHING_WRITTEN;
  const done = takeAccess(world, guest, pfn, true, () => comesThrough(() => domain.writeKernel(pfn)));
  if (!done) return NOTHING_WRITTEN;
  reference.write(pfn);
  return new Set([pfn]);
};

/** A guest uses its own memory. */
export const MEMORY_STEPS = {
  map: mapPage(true),
  'map read-only': mapPage(false),
  unmap,
  write,
  'kernel write': kernelWrite,
};
