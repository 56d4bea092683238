import { type Domain, type Host, asPfn, audit, isFinding } from '../../../../engine/index.js';
import { expect } from 'vitest';
import { Domain as DomainClass } from '../../../../engine/domain/domain.js';
import { assignDevice } from '../../../../engine/devices/assign-device.js';
import type { DmaDevice } from '../../../../engine/devices/dma-device.js';
import type { Mfn, Pfn } from '../../../../engine/host/frame-number.js';
import type { OvercommitSupport } from '../../../../engine/models/overcommit.js';
import { verifyContents } from '../../../../engine/operations/verify-contents.js';
import { costs, domainOn, hostOf, platformOf } from '../../support.js';

/** Two banks of 64 frames with a hole between them. Each event costs a nanosecond. */
export const FIRST_BANK = { start: 0, size: 64 * 16384 };
export const SECOND_BANK = { start: 128 * 16384, size: 64 * 16384, node: 1 };

export const twoBanks = (): Host =>
  hostOf({ ...platformOf([[0, 64]], { costs: costs(1) }), banks: [FIRST_BANK, SECOND_BANK] });

/** Lets a domain do what a model with all ways of overcommitting can. */
export const allWays = (domain: Domain): Domain => {
  const support: OvercommitSupport = { share: 'exists', 'page out': 'exists', 'populate on demand': 'exists' };
  Object.assign(domain.model.overcommit!, { support });
  return domain;
};

export const guestOn = (host: Host, name: string, pages: number): Domain =>
  allWays(domainOn(host, name, 'insert', pages));

/** A guest of `pages` pages in `frames` frames, as a model that populates on demand builds it. */
export const onDemandGuest = (host: Host, pages: number, frames: number): Domain => {
  const builder = host.simulation.ledger.account('builder');
  const domain = allWays(new DomainClass(host, { name: 'on demand', model: 'insert', builder }));
  expect(domain.model.overcommit!.cache.fill(pages, frames)).toBe(true);
  domain.free.set(Array.from({ length: pages }, (_, pfn) => asPfn(pfn)));
  return domain;
};

/** A device without an IOMMU that the domain drives. */
export const deviceOf = (domain: Domain): DmaDevice => {
  const device = assignDevice(domain, { name: 'nic', addressBits: 64 });
  if (isFinding(device)) throw new Error(device.detail);
  return device;
};

/** A guest with a program of four written pages; the last one is read-only. */
export const busyGuest = (host: Host, name: string, model: 'direct' | 'p2m' | 'insert', pages = 24): Domain => {
  const domain = domainOn(host, name, model, pages, model === 'direct' ? { access: 'restricted' } : {});
  for (let vpn = 0; vpn < 4; vpn += 1) {
    domain.mapPage(vpn, domain.free.take()!, vpn < 3);
    domain.writePage(vpn);
  }
  return domain;
};

export const framesOf = (domain: Domain): Mfn[] =>
  domain.model.ownedFrames().map((pfn) => domain.model.machineFrame(pfn));

/** What the guest finds at each of its frames, by its own log or wrong. */
export const expectIntact = (...domains: readonly Domain[]): void => {
  for (const domain of domains) {
    const { wrongFrames, wrongPages } = verifyContents(domain);
    expect({ wrongFrames, wrongPages }).toEqual({ wrongFrames: [], wrongPages: [] });
    expect(audit(domain.host)).toEqual([]);
  }
};

/** Both guests' kernels read the same block into one of their frames. */
export const sameContents = (host: Host, first: [Domain, Pfn], second: [Domain, Pfn]): void => {
  const stamp = host.simulation.nextStamp();
  for (const [domain, pfn] of [first, second]) domain.fillKernel(pfn, stamp);
};
