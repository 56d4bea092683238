import { Domain, type DomainSpec } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Host } from '../host/host.js';
import { takePagingPool } from './paging-pool.js';

/** Builds a domain of `pages` guest frames, each loaded with contents of its own. A finding when the host cannot. */
export const buildDomain = (host: Host, spec: DomainSpec, pages: number): Domain | Finding => {
  const domain = new Domain(host, spec);
  const refusal = takePagingPool(domain, pages) ?? domain.mmu.reserve?.(pages) ?? domain.model.populate(pages);
  if (refusal !== null) {
    host.hypervisor.release(domain.id, domain.builder);
    domain.leaveHost();
    return refusal;
  }
  domain.load();
  domain.setFreeFrames(domain.model.ownedFrames());
  return domain;
};
