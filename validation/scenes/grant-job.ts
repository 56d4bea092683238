import { type Domain, isFinding } from '../../engine/index.js';
import { mapGrantedPages } from '../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../engine/grants/grant-references.js';
import { allocateGrants, freeGrants, mapGrantDevice, unmapGrantDevice } from '../../engine/linux/grant-devices.js';
import { areaAt } from '../../engine/linux/areas.js';
import type { LinuxKernel } from '../../engine/linux/kernel.js';
import type { Mm } from '../../engine/linux/mm.js';
import { mapArea, unmapRange } from '../../engine/linux/mmap.js';
import { mapOwnPage, touchPage } from '../../engine/linux/page-fault.js';
import { DYNAMIC_PROGRAM } from './dynamic-program.js';
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
 * another wrapper does. It goes by libxengnttab, whose constants have the names of the devices that it opens (tools/libs/gnttab/linux.c of Xen 4.17).
 */
export const grantJob = (
  { domain, kernel }: LinuxMachine,
  pages: number,
  times: number,
  plan = DYNAMIC_PROGRAM,
): void => {
  kernel.grants = must(GrantReferences.open(domain));
  const program = beginJob(kernel, plan);
  const { mm } = program;
  touchPage(kernel, mm, program.page('libxengnttab constants', 0), false);
  touchPage(kernel, mm, program.page('libc text', 200), false);
  const own = program.page('hypercall buffers', 0) - pages;
  const area = must(allocateGrants(kernel, mm, { to: domain, pages, firstPage: own }));
  for (let count = 0; count < times; count += 1) {
    const { references } = area;
    const list = listPages(pages, kernel.pageBytes);
    const firstPage = own - list - pages;
    populate(kernel, mm, own - list, list);
    const mapped = must(mapGrantDevice(kernel, mm, { granter: domain, references, firstPage }));
    unmapRange(kernel, mm, own - list, list);
    for (let page = 0; page < pages; page += 1) touchPage(kernel, mm, mapped.firstPage + page, true);
    unmapGrantDevice(kernel, mm, mapped.firstPage);
  }
  must(freeGrants(kernel, mm, own));
};

/** Pages of the list that libxengnttab hands to the device: eight bytes a grant after sixteen; on the stack where it fits into one page. */
const listPages = (grants: number, pageBytes: number): number => {
  const bytes = 16 + 8 * grants;
  return bytes <= pageBytes ? 0 : Math.ceil(bytes / pageBytes);
};

/** Anonymous memory that is mapped as it is asked for (MAP_POPULATE). */
const populate = (kernel: LinuxKernel, mm: Mm, firstPage: number, pages: number): void => {
  if (pages === 0) return;
  mapArea(kernel, mm, { firstPage, pages, writable: true, file: null });
  const area = areaAt(mm, firstPage)!;
  for (let page = firstPage; page < firstPage + pages; page += 1) mapOwnPage(kernel, mm, area, page);
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
