/**
 * Puts the virtual processors of a new domain on processors of the host, and says which one the first is on. Xen of 2005 to 2012 knew no nodes
 * there: the first goes to a processor that has the fewest, the highest-numbered of several, and each other to the one after the last. Until
 * a domain had nodes of its own to take memory from, it took it from the node that the first one's processor is on, and then from the
 * nodes that follow. So a host's memory was used from its last node on, and by as many guests a node as it has processors.
 *
 * Source: Xen 3.x, `default_vcpu0_location` and XEN_DOMCTL_max_vcpus of `xen/common/domctl.c`, `select_local_cpu` of `xen/common/memory.c`,
 * `alloc_heap_pages` of `xen/common/page_alloc.c`.
 *
 * @param counts virtual processors on each processor, raised by those of the domain
 */
export const placeVcpus = (counts: Uint32Array, vcpus: number): number => {
  let first = 0;
  for (let processor = 1; processor < counts.length; processor += 1) {
    if (counts[processor] <= counts[first]) first = processor;
  }
  for (let vcpu = 0; vcpu < vcpus; vcpu += 1) counts[(first + vcpu) % counts.length] += 1;
  return first;
};
