import { expect } from 'vitest';
import { isFinding, rebalanceByGuest, rebalanceByHypervisor } from '../../../engine/index.js';
import { NO_FRAME, type Pfn, asPfn } from '../../../engine/host/frame-number.js';
import { type GuestStep, NOTHING_WRITTEN } from './step.js';
import type { Guest, World } from './world.js';

const NODES = 2;

/** The bank that a frame is in is its node, where the world has nodes; else all is on the first. */
const nodeOf = ({ host, size, frames }: World, { domain }: Guest, pfn: number): number => {
  const mfn = domain.model.machineFrame(asPfn(pfn));
  if (mfn === NO_FRAME) return 0;
  const { start } = host.banks[1];
  return size.nodes === true && mfn >= Math.min(frames, start / host.simulation.platform.pageBytes) ? 1 : 0;
};

/** A page that the guest's program has is brought to the node that a thread runs on, without the guest. */
const byHypervisor: GuestStep = (world, guest, page, place) => {
  const { domain, reference } = guest;
  const entry = reference.mapped.get(page);
  if (entry === undefined) return NOTHING_WRITTEN;
  const node = place % NODES;
  const isFar = nodeOf(world, guest, entry.pfn) !== node;
  const mayMove = reference.memory.has(entry.pfn) && !reference.isHeld(entry.pfn) && domain.model.id !== 'direct';
  const { moved, blocked } = rebalanceByHypervisor(domain, [{ node, first: page, pages: 1 }], world.control.account);
  expect(moved + blocked.length).toBe(isFar ? 1 : 0);
  if (moved === 0) {
    if (isFar && mayMove) expect(blocked[0].finding.rule).toBe('heap-has-room');
    return NOTHING_WRITTEN;
  }
  expect(mayMove).toBe(true);
  expect(nodeOf(world, guest, entry.pfn)).toBe(node);
  world.goesStale(guest, [entry.pfn]);
  return NOTHING_WRITTEN;
};

/** The guest itself brings it to a free frame there, where it is told of nodes: none but P==M is. */
const byGuest: GuestStep = (world, guest, page, place) => {
  const { domain, reference } = guest;
  const entry = reference.mapped.get(page);
  if (entry === undefined) return NOTHING_WRITTEN;
  const node = place % NODES;
  const isFar = nodeOf(world, guest, entry.pfn) !== node;
  const free = new Set<Pfn>(domain.free.copy());
  const stamps = new Map([...free].map((pfn) => [pfn as number, domain.log.stamp(pfn)]));
  const result = rebalanceByGuest(domain, [{ node, first: page, pages: 1 }]);
  expect(isFinding(result)).toBe(world.size.nodes !== true || domain.model.id !== 'direct');
  if (isFinding(result)) return NOTHING_WRITTEN;
  expect(result.moved + result.blocked.length).toBe(isFar ? 1 : 0);
  if (result.moved === 0) {
    if (isFar) expect([...free].filter((pfn) => nodeOf(world, guest, pfn) === node)).toEqual([]);
    return NOTHING_WRITTEN;
  }
  const to = domain.log.mapped(page);
  expect(free.has(to)).toBe(true);
  expect(nodeOf(world, guest, to)).toBe(node);
  reference.mapped.set(page, { ...entry, pfn: to });
  reference.write(to);
  // A page may have been copied to a frame that held the same.
  return stamps.get(to) === domain.log.stamp(to) ? NOTHING_WRITTEN : new Set<number>([to]);
};

/** Pages come to the node on which they are used. */
export const NODE_STEPS: Readonly<Record<string, GuestStep>> = {
  'bring near by the hypervisor': byHypervisor,
  'bring near by the guest': byGuest,
};
