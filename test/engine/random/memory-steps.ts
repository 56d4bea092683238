import { expect } from 'vitest';
import { asPfn } from '../../../engine/host/frame-number.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';

const mapPage =
  (writable: boolean): GuestStep =>
  (_world, { domain, reference }, page) => {
    if (domain.freeFrames < 6 || reference.mapped.has(page)) return NOTHING_WRITTEN;
    const pfn = domain.takeFreeFrame()!;
    domain.mapPage(page, pfn, writable);
    reference.mapped.set(page, { pfn, writable });
    for (const table of domain.tablePfns) reference.write(table);
    return NOTHING_WRITTEN;
  };

const unmap: GuestStep = (_world, { domain, reference }, page) => {
  if (reference.mapped.delete(page)) domain.unmapPage(page);
  return NOTHING_WRITTEN;
};

const write: GuestStep = (_world, { domain, reference }, page) => {
  const entry = reference.mapped.get(page);
  const refusal = domain.writePage(page);
  expect(refusal === null).toBe(entry?.writable === true);
  if (entry?.writable !== true) return NOTHING_WRITTEN;
  reference.write(entry.pfn);
  return new Set([entry.pfn]);
};

const kernelWrite: GuestStep = (_world, { domain, reference }, page) => {
  if (reference.memory.size === 0) return NOTHING_WRITTEN;
  const pfn = [...reference.memory][page % reference.memory.size];
  if (domain.pv !== null && domain.tablePfns.includes(asPfn(pfn))) return NOTHING_WRITTEN;
  domain.writeKernel(asPfn(pfn));
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
