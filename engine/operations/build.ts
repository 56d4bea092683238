import { Domain } from '../domain/domain.js';
import type { DomainSpec } from '../domain/domain-spec.js';
import { startKernel } from '../domain/start-kernel.js';
import { type Finding, isFinding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import { destroyDomain } from './destroy.js';
import type { Host } from '../host/host.js';
import { takePagingPool } from './paging-pool.js';
import { placeRamdisk, takeRamdisk } from './ramdisk.js';

/**
 * Builds a domain, each of its frames loaded with contents of its own: so many guest frames, or these very ones. A finding
 * when the host cannot.
 */
export const buildDomain = (host: Host, spec: DomainSpec, memory: number | readonly Pfn[]): Domain | Finding => {
  const domain = new Domain(host, spec);
  domain.affinity?.begin(typeof memory === 'number' ? memory : memory.length);
  const refusal =
    typeof memory === 'number'
      ? (refusesTables(domain, memory) ?? populate(domain, memory, spec.ramdiskPages ?? 0))
      : (refusesTables(domain, memory.length) ?? domain.model.populateFrames(memory));
  if (refusal !== null) {
    host.hypervisor.release(domain.id, domain.builder);
    domain.leaveHost();
    return refusal;
  }
  domain.load();
  domain.free.set(domain.model.ownedFrames());
  const noRoom = startKernel(domain);
  if (noRoom === null) return domain;
  destroyDomain(domain, domain.builder);
  return noRoom;
};

const populate = (domain: Domain, pages: number, ramdiskPages: number): Finding | null => {
  const ramdisk = takeRamdisk(domain, ramdiskPages);
  if (isFinding(ramdisk)) return ramdisk;
  const refusal = domain.model.populate(pages - ramdisk.length);
  if (refusal === null) placeRamdisk(domain, ramdisk, pages - ramdisk.length);
  else for (const mfn of ramdisk) domain.host.release(mfn, domain.builder);
  return refusal;
};

/** Takes what the hypervisor keeps for the tables of a domain of this many pages, or says what stands in the way. */
export const refusesTables = (domain: Domain, pages: number): Finding | null =>
  takePagingPool(domain, pages) ?? domain.mmu.reserve?.(pages) ?? domain.model.refusesPages?.(pages) ?? null;
