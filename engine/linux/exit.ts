import { leaveGrantDevices } from './grant-devices.js';
import type { LinuxKernel } from './kernel.js';
import { type Mm, tablesBelow } from './mm.js';
import { clearArea } from './mmap.js';

/** Tears an address space down, with every page and table that is its own. */
export const exitMm = (kernel: LinuxKernel, mm: Mm): void => {
  leaveGrantDevices(kernel, mm);
  kernel.ops.exiting(mm);
  for (const vma of mm.vmas) clearArea(kernel, mm, vma, null);
  const tables = tablesBelow(kernel, mm.root);
  for (const { place } of tables) kernel.ops.setBranch(mm, place, 0);
  kernel.ops.exited(mm);
  for (const { table } of tables) kernel.freeTable(table);
  kernel.freeTable(mm.root);
  if (mm.userRoot !== null) kernel.freeTable(mm.userRoot);
  kernel.mms.delete(mm);
};
