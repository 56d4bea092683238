import { EntryFlag } from '../../../engine/host/entry.js';
import { describe, expect, it } from 'vitest';
import { exitMm } from '../../../engine/linux/exit.js';
import { forkMm } from '../../../engine/linux/fork.js';
import { hugeEntryAt } from '../../../engine/linux/huge-page.js';
import type { Mm } from '../../../engine/linux/mm.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { clean, running, touchAll } from './programs.js';
import { linuxOn } from './support.js';

describe('large pages', () => {
  it.each([
    [1024, 2, 0],
    [1000, 1, 488],
    [511, 0, 511],
  ])(
    '%i written pages take %i faults as large ones and %i as small ones, and all small ones under P2M',
    (pages, large, small) => {
      for (const model of ['insert', 'p2m'] as const) {
        const machine = linuxOn(model, 4096);
        const mm = running(machine);
        const firstPage = 512 * 512 * 3;
        mapArea(machine.kernel, mm, { firstPage, pages, writable: true, file: null });
        machine.counts();
        touchAll(machine, mm, firstPage, pages);
        expect(machine.counts().guestPageFault).toBe(model === 'p2m' ? pages : large + small);
        expect(mm.deposited).toHaveLength(model === 'p2m' ? 0 : large);
        clean(machine);
        unmapRange(machine.kernel, mm, firstPage, pages);
        clean(machine);
      }
    },
  );

  it('are shared read-only by a fork, split by a write to one of them, and whole where they were not written', () => {
    const machine = linuxOn('insert', 4096);
    const { kernel } = machine;
    const mm = running(machine);
    const firstPage = 512 * 512 * 3;
    mapArea(kernel, mm, { firstPage, pages: 1024, writable: true, file: null });
    touchAll(machine, mm, firstPage, 1024);
    const child = forkMm(kernel, mm);
    expect([mm.deposited.length, child.deposited.length]).toEqual([2, 2]);
    const before = readPage(kernel, mm, firstPage + 7);
    writePage(kernel, child, firstPage + 7);
    expect([mm.deposited.length, child.deposited.length]).toEqual([2, 1]);
    expect(readPage(kernel, mm, firstPage + 7)).toBe(before);
    clean(machine);
    exitMm(kernel, child);
    machine.counts();
    // All of them are the parent's alone again: one fault gives the right back for each large page.
    touchAll(machine, mm, firstPage, 1024);
    expect(machine.counts().guestPageFault).toBe(2);
    clean(machine);
  });

  it('are young and dirty as the kernel maps them, and old in a child', () => {
    const machine = linuxOn('nested', 4096);
    const { kernel } = machine;
    const mm = running(machine);
    const firstPage = 512 * 512 * 3;
    mapArea(kernel, mm, { firstPage, pages: 512, writable: true, file: null });
    touchAll(machine, mm, firstPage, 1);
    const flagsIn = (space: Mm): number => kernel.entryAt(hugeEntryAt(kernel, space, firstPage)!) & 31;
    const { present, large, accessed, writable, dirty } = EntryFlag;
    expect(flagsIn(mm)).toBe(present | large | accessed | writable | dirty);
    const child = forkMm(kernel, mm);
    expect(flagsIn(mm)).toBe(present | large | accessed);
    expect(flagsIn(child)).toBe(present | large);
    clean(machine);
  });

  it('become small ones when the kernel has no run of frames', () => {
    const machine = linuxOn('insert', 1200);
    const { kernel, domain } = machine;
    const mm = running(machine);
    const free = domain.free.copy();
    domain.free.set(free.filter((pfn) => pfn % 300 !== 0));
    mapArea(kernel, mm, { firstPage: 512 * 512 * 3, pages: 512, writable: true, file: null });
    machine.counts();
    touchAll(machine, mm, 512 * 512 * 3, 512);
    expect(machine.counts().guestPageFault).toBe(512);
  });
});
