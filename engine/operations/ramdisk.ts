import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, asMfn, asPfn } from '../host/frame-number.js';

/**
 * Takes the frames that a boot loader filled with a domain's ramdisk. Boot has moved it to the top of the highest memory that has room for it,
 * and a P2M domain is given it where it lies, whatever nodes its other memory is to come from. The others have it copied into frames of their
 * own, so that none is taken. A finding where there is no such run. Source: Xen, `__start_xen` of `xen/arch/x86/setup.c`, `dom0_construct_pv`
 * of `xen/arch/x86/pv/dom0_build.c`.
 */
export const takeRamdisk = (domain: Domain, pages: number): readonly Mfn[] | Finding => {
  if (pages === 0 || domain.model.id !== 'p2m') return [];
  const { host, name } = domain;
  const first = highestRun(domain, pages);
  if (first === null) {
    const detail = `${host.name} has no ${pages} frames in a row for the ramdisk of ${name}`;
    return { operation: 'build', model: domain.model.id, rule: 'room-for-ramdisk', detail };
  }
  const mfns = Array.from({ length: pages }, (_, page) => asMfn(first + page));
  for (const mfn of mfns) host.allocateAt(domain, mfn, 0);
  return mfns;
};

/** Puts it at the guest frames that follow the domain's other memory. */
export const placeRamdisk = (domain: Domain, mfns: readonly Mfn[], first: number): void => {
  mfns.forEach((mfn, page) => domain.model.repoint!(asPfn(first + page), mfn));
  domain.builder.charge(Mechanism.populate, Event.guestP2mStore, mfns.length);
};

const highestRun = ({ host }: Domain, pages: number): Mfn | null => {
  const { pageBytes } = host.simulation.platform;
  for (const { start, size } of host.banks.toReversed()) {
    const lowest = start / pageBytes;
    let free = 0;
    for (let mfn = lowest + size / pageBytes - 1; mfn >= lowest; mfn -= 1) {
      free = host.heap.isFree(asMfn(mfn)) ? free + 1 : 0;
      if (free === pages) return asMfn(mfn);
    }
  }
  return null;
};
