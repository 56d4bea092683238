import { expect } from 'vitest';
import { hasIdentityStage } from '../../../engine/models/identity-stage.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { Guest, World } from './world.js';

/** Whether the guest is P==M behind a second stage: it maps granted pages where it gave memory of its own up. */
export const isStaged = ({ domain }: Guest): boolean =>
  domain.model.id === 'direct' && hasIdentityStage(domain.host.simulation.platform);

/** Whether what the guest gives up stays its own. */
export const keepsAll = (guest: Guest): boolean => isStaged(guest) && guest.domain.options.ballooned !== 'released';

/** Every frame that is the guest's, with what it has no use of. */
export const framesOf = (guest: Guest): readonly number[] => {
  const { memory, ballooned, borrowed } = guest.reference;
  return [...memory, ...(keepsAll(guest) ? [...ballooned, ...borrowed] : [])].toSorted((a, b) => a - b);
};

/**
 * A guest gave up frames to map granted pages at, or has them back: as many places hold frames of others as it has mapped pages. What
 * it gave up was free and nobody's, and is back where its frame stays its own and nothing is mapped there.
 */
export const followPlaces = (world: World, guest: Guest): void => {
  // The control domain's memory is not followed.
  if (!isStaged(guest) || guest === world.controlGuest) return;
  const { domain, reference } = guest;
  const { memory, ballooned, borrowed } = reference;
  const behind = (pfn: number): number => domain.model.secondStage!.machineFrame(pfn);
  for (const pfn of memory) {
    if (behind(pfn) === pfn) continue;
    expect(reference.isHeld(pfn)).toBe(false);
    expect(domain.log.stamp(asPfn(pfn))).toBe(0);
    reference.borrow(pfn);
  }
  for (const pfn of borrowed) {
    if (behind(pfn) !== pfn) continue;
    borrowed.delete(pfn);
    memory.add(pfn);
    reference.mayBeDirty.add(pfn);
  }
  const places = [...ballooned, ...borrowed].filter((pfn) => behind(pfn) >= 0);
  expect(places.length).toBe(placesInUse(world, guest));
  if (keepsAll(guest)) expect([...borrowed].filter((pfn) => behind(pfn) < 0)).toEqual([]);
};

/** Pages of others that the guest has mapped. */
export const placesInUse = ({ grants }: World, guest: Guest): number =>
  grants.mapped.reduce((sum, each) => sum + (each.mapper === guest ? each.grants.length : 0), 0);
