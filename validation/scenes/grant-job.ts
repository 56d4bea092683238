import { type Domain, isFinding } from '../../engine/index.js';
import { mapGrantedPages } from '../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../engine/grants/grant-references.js';
import { allocateGrants, freeGrants, mapGrantDevice } from '../../engine/linux/grant-devices.js';
import { touchPage } from '../../engine/linux/page-fault.js';
import { beginJob } from './jobs.js';
import type { LinuxMachine } from './linux-machine.js';

/** What must have been granted. */
const must = <T>(result: T): Exclude<T, { readonly rule: string }> => {
  if (isFinding(result)) throw new Error(result.detail);
  return result as Exclude<T, { readonly rule: string }>;
};

/**
 * A program in a P2M domain0 grants `pages` of its own pages to domain0 itself, maps them, touches them and unmaps them, `times` times.
 * Its areas lie below the libraries, as mmap places them; the first ioctl touches a new stretch of libc, as the first use of
 * another wrapper does.
 */
export const grantJob = ({ domain, kernel, memory }: LinuxMachine, pages: number, times: number): void => {
  const grants = must(GrantReferences.open(domain));
  const program = beginJob(kernel);
  const { mm } = program;
  touchPage(kernel, mm, program.page('libc text', 200), false);
  const own = program.page('hypercall buffers', 0) - pages;
  const area = must(allocateGrants(kernel, mm, grants, { to: domain, pages, firstPage: own }));
  for (let count = 0; count < times; count += 1) {
    const { references } = area;
    const mapped = must(mapGrantDevice(kernel, mm, memory!, { granter: domain, references, firstPage: own - pages }));
    for (let page = 0; page < pages; page += 1) touchPage(kernel, mm, mapped.firstPage + page, true);
    mapped.unmap();
  }
  must(freeGrants(kernel, mm, grants, area));
};

/** The same in a direct domain0 on Arm, where a granted page is mapped at a frame that the kernel balloons out for it. */
export const armGrantJob = (domain0: Domain, pages: number, times: number): void => {
  const grants = must(GrantReferences.open(domain0));
  domain0.account.enter('job');
  const pfns = Array.from({ length: pages }, () => domain0.free.take()!);
  const requests = pfns.map((pfn) => ({
    granter: domain0,
    reference: must(grants.grantAccess(domain0, pfn, 'write')),
    writable: true,
  }));
  for (let count = 0; count < times; count += 1) {
    const mapping = must(mapGrantedPages(domain0, requests, 0));
    pfns.forEach((pfn, index) => {
      const stamp = domain0.host.simulation.nextStamp();
      mapping.write(index, stamp);
      domain0.log.wrote(pfn, stamp);
    });
    mapping.unmap();
  }
  for (const { reference } of requests) must(grants.endAccess(reference));
};
