import type { Pfn } from '../host/frame-number.js';

/** A file whose pages are in the page cache. */
export interface CachedFile {
  readonly name: string;
  readonly frames: readonly Pfn[];
}

/** An area of an address space. */
export interface Vma {
  readonly firstPage: number;
  readonly pages: number;
  readonly writable: boolean;
  /** Private pages of a file, or anonymous memory. */
  readonly file: { readonly cached: CachedFile; readonly firstPage: number } | null;
  /** Whether a page of its own was ever put here; only then does a fork copy its entries. */
  hasAnonymous: boolean;
}
