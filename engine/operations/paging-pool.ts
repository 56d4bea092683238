import { Event, Mechanism } from '../host/events.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';

/**
 * Takes the frames that the hypervisor keeps for the tables of a VP domain, before the domain has memory: so many a vCPU,
 * a MiB and a domain, by the platform's rule, each by itself, so that small free chunks go first (p2m_set_allocation in xen/arch/arm/p2m.c and
 * hap_set_allocation in xen/arch/x86/mm/hap/hap.c of Xen 4.17). A finding when the heap has too few; nothing where there is no such pool.
 */
export const takePagingPool = (domain: Domain, memoryPages: number): Finding | null => {
  const { host, paging } = domain;
  const { pagingPool, pageBytes } = host.simulation.platform;
  if (paging === null || pagingPool === undefined) return null;
  const mebibytes = Math.ceil((memoryPages * pageBytes) / 2 ** 20);
  const { pagesAVcpu, pagesAMebibyte, pagesADomain, multipleOf } = pagingPool;
  const wanted = pagesAVcpu * domain.vcpus + pagesAMebibyte[paging] * mebibytes + pagesADomain;
  const pages = Math.ceil(wanted / multipleOf) * multipleOf;
  if (!host.hypervisor.takeSinglePages('paging pool', pages, domain.id)) {
    const detail = `${host.name} has ${host.heap.freeFrames} of the ${pages} frames for the tables of ${domain.name}`;
    return { operation: 'build', model: domain.model.id, rule: 'pool-has-room', detail };
  }
  domain.builder.charge(Mechanism.populate, Event.pageAllocate, pages);
  return null;
};
