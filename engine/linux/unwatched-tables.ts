import type { PagingOps } from './paging-ops.js';

const nothing = (): void => {};

/**
 * What Linux's kernel leaves out where no hypervisor watches its tables: nothing is batched for one, pinned with it or given
 * back to it, and going back to a program asks nobody.
 */
export const UNWATCHED_TABLES = {
  tableAdded: nothing,
  tableRemoved: nothing,
  enterLazy: nothing,
  leaveLazy: nothing,
  rootAdded: nothing,
  entered: nothing,
  exited: nothing,
  mapKernelPage: nothing,
  returnToUser: nothing,
} as const satisfies Partial<PagingOps>;
