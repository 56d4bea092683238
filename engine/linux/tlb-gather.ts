import type { LinuxKernel } from './kernel.js';
import type { Mm } from './mm.js';

/** Pages that Linux gathers before it has to flush: 8 on the stack, then 19 batches of 510 (mm/mmu_gather.c). */
const GATHERED_PAGES = 8 + 19 * 510;

/** Above this many pages x86 flushes the whole TLB (tlb_single_page_flush_ceiling). */
export const SINGLE_FLUSH_CEILING = 33;

/** Entries that were taken away or changed and are still to be flushed, as one range from the first to the last. */
export class TlbGather {
  readonly #kernel: LinuxKernel;
  readonly #mm: Mm;
  #from = Infinity;
  #to = 0;
  #gathered = 0;

  constructor(kernel: LinuxKernel, mm: Mm) {
    this.#kernel = kernel;
    this.#mm = mm;
  }

  /** The entry of a page changed. */
  add(page: number): void {
    this.#from = Math.min(this.#from, page);
    this.#to = Math.max(this.#to, page + 1);
  }

  /** The page's frame is to be freed, once what was gathered is flushed. */
  addFreed(page: number): void {
    this.add(page);
    this.#gathered += 1;
    if (this.#gathered === GATHERED_PAGES) this.flush();
  }

  flush(): void {
    if (this.#to > 0) this.#kernel.ops.flushPages(this.#mm, this.#from, this.#to - this.#from);
    this.#from = Infinity;
    this.#to = 0;
    this.#gathered = 0;
  }
}
