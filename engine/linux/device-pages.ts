import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';
import { mapArea } from './mmap.js';

/**
 * Maps zeroed pages that a device has allocated for a program, all at once and writable, as Linux 6.1's /dev/xen/hypercall does for
 * the buffers of hypercalls (drivers/xen/privcmd-buf.c). Their entries are of a mixed map, which a fork copies, and not private, so
 * that it leaves them writable.
 */
export const mapDevicePages = (kernel: LinuxKernel, mm: Mm, firstPage: number, pages: number): void => {
  mapArea(kernel, mm, { firstPage, pages, writable: true, file: null, shared: true });
  for (let page = firstPage; page < firstPage + pages; page += 1) {
    const frame = kernel.newPage(null);
    kernel.pages.addMapping(frame, 1);
    kernel.ops.setLeaf(kernel.placeFor(mm, page), kernel.entryFor(frame, true));
  }
};
