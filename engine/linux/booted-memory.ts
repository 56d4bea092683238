import type { Domain } from '../domain/domain.js';
import { type Pfn, asPfn } from '../host/frame-number.js';

/** The largest chunk of Linux's page allocator before 6.4: 2^10 pages. */
const CHUNK_PAGES = 2 ** 10;
const DESCRIPTOR_BYTES = 64;

/** What a kernel that has booted holds of its memory, in pages. */
export interface BootedMemory {
  /** Its image, at the start of memory. */
  readonly imagePages: number;
  /** What it took since then for itself, besides the descriptors of its frames. */
  readonly ownPages: number;
}

/**
 * Orders the free frames of a domain as Linux hands them out once it has booted. Early boot gives its memory to the page allocator in
 * ascending order, in chunks of up to 2^10 pages. What asks for a page that cannot move, as the kernel itself and the balloon driver do,
 * gets the first whole chunk, the rest of which serves the next ones, upward; what lies around whole chunks is for movable pages and comes
 * last. Frame descriptors were taken from the top before. Source: memblock_free_all, __rmqueue_smallest, expand and __rmqueue_fallback
 * in mm/page_alloc.c of Linux 6.1.
 *
 * Returns the page in the middle of what the kernel took, beside which it took the others: on Arm the one where it has the hypervisor's shared
 * page mapped, when the allocators work and before drivers start.
 */
export const bootLinuxMemory = (domain: Domain, { imagePages, ownPages }: BootedMemory): Pfn => {
  const free = Int32Array.from(domain.free.copy()).sort();
  const { pageBytes } = domain.host.simulation.platform;
  const descriptorPages = Math.ceil((free.length * DESCRIPTOR_BYTES) / pageBytes);
  const left = free.subarray(imagePages, free.length - descriptorPages);
  const chunks: Pfn[] = [];
  const edges: Pfn[] = [];
  for (let at = 0; at < left.length;) {
    const isWhole = left[at] % CHUNK_PAGES === 0 && left[at + CHUNK_PAGES - 1] === left[at] + CHUNK_PAGES - 1;
    const pages = isWhole ? CHUNK_PAGES : 1;
    for (const pfn of left.subarray(at, at + pages)) (isWhole ? chunks : edges).push(asPfn(pfn));
    at += pages;
  }
  const ordered = [...chunks, ...edges];
  if (ordered.length <= ownPages) throw new Error(`${domain.name} is too small for its kernel`);
  domain.free.set(ordered.slice(ownPages + 1));
  return ordered[Math.floor(ownPages / 2)];
};
