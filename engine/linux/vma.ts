import type { CachedFile } from './page-cache.js';

/** An area of an address space. */
export interface Vma {
  readonly firstPage: number;
  readonly pages: number;
  readonly writable: boolean;
  /**
   * Whether its memory is accounted for, as that of a private area is once it may be written. It stays so when the right is taken
   * away, so that such an area does not join one that was never writable (Linux: VM_ACCOUNT).
   */
  readonly accounted: boolean;
  /** Code. It plays no part in entries, but areas of code are their own. */
  readonly executable: boolean;
  /** Private pages of a file, or anonymous memory. */
  readonly file: { readonly cached: CachedFile; readonly firstPage: number } | null;
  /** A stack: a touch just below it makes it larger. */
  readonly growsDown: boolean;
  /** Pages of a device's, the same for every process that has the area: a fork copies their entries as they are. */
  readonly shared: boolean;
  /** Whether a fork leaves it out (Linux: VM_DONTCOPY). */
  readonly stays: boolean;
  /** Whether a page of its own was ever put here; only then does a fork copy its entries. */
  hasAnonymous: boolean;
}

/** What an area is asked to be; what is left out is false. */
export type AreaRequest = Pick<Vma, 'firstPage' | 'pages' | 'writable' | 'file'> &
  Partial<Pick<Vma, 'executable' | 'growsDown' | 'shared' | 'stays'>>;

export const newArea = (request: AreaRequest): Vma => ({
  executable: false,
  growsDown: false,
  shared: false,
  stays: false,
  ...request,
  accounted: request.writable && request.shared !== true,
  hasAnonymous: false,
});

export const endOf = ({ firstPage, pages }: Vma): number => firstPage + pages;

/** The part of an area from `from` to `to` − 1. */
export const partOf = (vma: Vma, from: number, to: number): Vma => ({
  ...vma,
  firstPage: from,
  pages: to - from,
  file: vma.file === null ? null : { ...vma.file, firstPage: vma.file.firstPage + from - vma.firstPage },
});

/** Whether the second area goes on where the first ends, in memory and in its file, with the same rights. */
export const continues = (vma: Vma, next: Vma): boolean => {
  if (endOf(vma) !== next.firstPage || vma.growsDown || next.growsDown || vma.shared || next.shared) return false;
  if (vma.writable !== next.writable || vma.executable !== next.executable || vma.accounted !== next.accounted)
    return false;
  if (vma.file === null || next.file === null) return vma.file === next.file;
  return vma.file.cached === next.file.cached && vma.file.firstPage + vma.pages === next.file.firstPage;
};
