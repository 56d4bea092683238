import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { mapArea } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { VARIANTS } from '../support.js';
import { runProcesses, steps } from './random-processes.js';
import { linuxOnIa64 } from './support.js';

/** A program of one page of code. */
const start = (model: (typeof VARIANTS)[number]) => {
  const machine = linuxOnIa64(model.model, 400, model.options);
  const table = new ProcessTable(machine.kernel);
  const segments = [{ at: 0, filePage: 0, pages: 1, zeroedPages: 0, writable: false, executable: true }];
  const program = { file: machine.kernel.cache.open('program', 1), base: 0x1000, segments };
  table.start({ program, loader: null, argumentPages: 1 });
  return { machine, kernel: machine.kernel, table };
};

describe('processes on ia64', () => {
  it.each(VARIANTS)(
    'read back what they wrote, through the TLB and the VHPT, and nothing leaks: $title',
    ({ model, options }) => {
      fc.assert(
        fc.property(steps(50), (sequence) => runProcesses(linuxOnIa64(model, 900, options), sequence)),
        { numRuns: 5, seed: 4 },
      );
    },
  );

  it.each(VARIANTS)('change entries by plain stores, and purge what was inserted and no more: $title', (variant) => {
    const { machine, kernel, table } = start(variant);
    const mm = table.running!.mm!;
    mapArea(kernel, mm, { firstPage: 0x8000, pages: 20, writable: true, file: null });
    for (let page = 0; page < 6; page += 1) writePage(kernel, mm, 0x8000 + page);
    machine.counts();
    protectRange(kernel, mm, { firstPage: 0x8000, pages: 20, writable: false });
    const { pteStore, purge, pageUpdate = 0, mmuextOperation = 0 } = machine.counts();
    expect([pteStore, purge, pageUpdate, mmuextOperation]).toEqual([6, 6, 0, 0]);
  });

  it.each(VARIANTS)(
    'switch by five region registers, and find what they had inserted when they come back: $title',
    (variant) => {
      const { machine, kernel, table } = start(variant);
      const first = table.running!;
      mapArea(kernel, first.mm!, { firstPage: 0x8000, pages: 1, writable: true, file: null });
      table.fork();
      writePage(kernel, first.mm!, 0x8000);
      table.yield();
      machine.counts();
      table.yield();
      writePage(kernel, first.mm!, 0x8000);
      const { regionRegisterSet, translationFault = 0, faultReflection = 0, purge = 0 } = machine.counts();
      expect(table.running).toBe(first);
      expect([regionRegisterSet, translationFault, faultReflection, purge]).toEqual([5, 0, 0, 0]);
    },
  );

  it.each(VARIANTS)('purge a page that they read before they wrote it, where that copies it: $title', (variant) => {
    const { machine, kernel, table } = start(variant);
    const mm = table.running!.mm!;
    mapArea(kernel, mm, { firstPage: 0x8000, pages: 2, writable: true, file: null });
    writePage(kernel, mm, 0x8000);
    table.fork();
    // A page that is shared with the child, and the page of zeroes.
    for (const vpn of [0x8000, 0x8001]) {
      readPage(kernel, mm, vpn);
      machine.counts();
      const stamp = writePage(kernel, mm, vpn);
      expect(machine.counts().purge).toBe(1);
      expect(readPage(kernel, mm, vpn)).toBe(stamp);
      expect(machine.violations()).toEqual([]);
    }
  });

  it('under P==M and VP ask the hypervisor for no entry, only for inserts', () => {
    const { machine, kernel, table } = start(VARIANTS[0]);
    mapArea(kernel, table.running!.mm!, { firstPage: 0x8000, pages: 1, writable: true, file: null });
    machine.counts();
    writePage(kernel, table.running!.mm!, 0x8000);
    // The access that fails, and the same again once the kernel has mapped the page; beside them the kernel's own misses.
    const { guestTableRead, faultReflection, translationFault } = machine.counts();
    expect(guestTableRead).toBe(2);
    expect(faultReflection).toBe(1 + translationFault! - guestTableRead!);
  });

  it('use tags again only after a flush of everything', () => {
    const { machine, kernel, table } = start(VARIANTS[3]);
    const child = table.fork();
    const tags = new Set<number>();
    for (let round = 0; round < 5000; round += 1) {
      kernel.ops.flushAll(table.running!.mm);
      tags.add(machine.domain.spaces.loaded);
      if (round % 700 === 0) table.yield();
    }
    expect(machine.violations()).toEqual([]);
    expect(tags.size).toBe(4095);
    expect(child.mm).not.toBeNull();
    expect(machine.counts().flushAll).toBe(1);
  });
});
