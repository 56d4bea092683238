import { describe, expect, it } from 'vitest';
import { exitMm } from '../../../engine/linux/exit.js';
import { forkMm } from '../../../engine/linux/fork.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { linuxOn } from './support.js';

const LOWEST_TABLE_PAGES = 512;
const BRANCHES_AND_ROOTS = 2 + 2;

describe('the hypervisor looks at all entries of a table when it becomes one and when it ends to be one', () => {
  it.each([1, 2, 5])(
    'a fork over %i lowest tables and the exit: each of them, L2, L3 and both roots once',
    (lowest) => {
      const machine = linuxOn('p2m', 6000);
      const { kernel } = machine;
      const mm = kernel.newMm();
      kernel.ops.entered(mm);
      kernel.ops.activate(mm);
      const pages = lowest * LOWEST_TABLE_PAGES;
      mapArea(kernel, mm, { firstPage: 0, pages, writable: true, file: null });
      for (let page = 0; page < pages; page += 100) touchPage(kernel, mm, page, true);
      machine.counts();
      const child = forkMm(kernel, mm);
      expect(machine.counts().pagePin).toBe(lowest + BRANCHES_AND_ROOTS);
      exitMm(kernel, child);
      expect(machine.counts().pagePin).toBe(lowest + BRANCHES_AND_ROOTS);
      expect(machine.violations()).toEqual([]);
    },
  );

  it('in a live program: each table that a fault adds, and that an unmapping takes away; an entry by itself none', () => {
    const machine = linuxOn('p2m', 6000);
    const { kernel } = machine;
    const mm = kernel.newMm();
    kernel.ops.entered(mm);
    kernel.ops.activate(mm);
    mapArea(kernel, mm, { firstPage: 0, pages: 600, writable: true, file: null });
    machine.counts();
    const counted = (work: () => void): number => {
      work();
      return machine.counts().pagePin ?? 0;
    };
    expect(counted(() => touchPage(kernel, mm, 0, true))).toBe(3);
    expect(counted(() => touchPage(kernel, mm, 1, true))).toBe(0);
    expect(counted(() => touchPage(kernel, mm, 599, true))).toBe(1);
    expect(counted(() => unmapRange(kernel, mm, 512, 88))).toBe(1);
    expect(counted(() => unmapRange(kernel, mm, 0, 512))).toBe(3);
  });
});
