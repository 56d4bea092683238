import { Domain } from '../domain/domain.js';
import type { DomainSpec } from '../domain/domain-spec.js';
import { startKernel } from '../domain/start-kernel.js';
import type { Finding } from '../finding.js';
import { asPfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { destroyDomain } from './destroy.js';
import { refusesTables } from './build.js';
import { refusesOvercommit } from './overcommit-refusal.js';

export interface OnDemandSize {
  /** Pages that the guest believes it has. */
  readonly pages: number;
  /** Machine frames that it gets for them; its balloon driver has to give up the rest before it runs short. */
  readonly frames: number;
  readonly hypothetical?: boolean;
}

/** Builds a domain with fewer frames than pages: each page gets its frame at the first access. A finding when the host cannot. */
export const buildOnDemand = (host: Host, spec: DomainSpec, size: OnDemandSize): Domain | Finding => {
  const domain = new Domain(host, spec);
  const { pages, frames, hypothetical = false } = size;
  const refusal =
    refusesOvercommit(domain, { way: 'populate on demand', hypothetical }) ??
    refusesTables(domain, pages) ??
    fill(domain, pages, frames);
  if (refusal === null) {
    domain.free.set(Array.from({ length: pages }, (_, pfn) => asPfn(pfn)));
    const noRoom = startKernel(domain);
    if (noRoom === null) return domain;
    destroyDomain(domain, domain.builder);
    return noRoom;
  }
  host.hypervisor.release(domain.id, domain.builder);
  domain.leaveHost();
  return refusal;
};

const fill = ({ host, model }: Domain, pages: number, frames: number): Finding | null => {
  if (model.overcommit!.cache.fill(pages, frames)) return null;
  const detail = `${host.name} has ${host.heap.freeFrames} of the ${frames} frames asked for`;
  return { operation: 'populate on demand', model: model.id, rule: 'heap-has-room', detail };
};
