import { describe, expect, it } from 'vitest';
import { mapArea } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { linuxOnPpc64 } from './support.js';

const AT = 0x8000;

/** A program of one page of code, with an area of which the first pages are written. */
const start = (written: number) => {
  const machine = linuxOnPpc64(2000);
  const { kernel } = machine;
  const table = new ProcessTable(kernel);
  const segments = [{ at: 0, filePage: 0, pages: 1, zeroedPages: 0, writable: false, executable: true }];
  const program = { file: kernel.cache.open('program', 1), base: 0x1000, segments };
  table.start({ program, loader: null, argumentPages: 1 });
  const mm = table.running!.mm!;
  mapArea(kernel, mm, { firstPage: AT, pages: 40, writable: true, file: null });
  for (let page = 0; page < written; page += 1) writePage(kernel, mm, AT + page);
  machine.counts();
  return { machine, kernel, table, mm };
};

describe('Linux on hashed tables', () => {
  it('enters a page by a hypercall at its first touch, after the fault that maps it, and not again', () => {
    const { machine, kernel, mm } = start(0);
    const before = machine.counts();
    expect(before.hashInsert).toBe(0);
    writePage(kernel, mm, AT);
    const { guestPageFault, hashFault, hashInsert, hashRemove = 0 } = machine.counts();
    // The kernel's own mapping misses beside the program's two: one finds no entry in the tree, the other enters it.
    const ofKernel = hashInsert! - 1;
    expect([guestPageFault, hashFault! - ofKernel, hashRemove]).toEqual([1, 2, 0]);
    writePage(kernel, mm, AT);
    const again = machine.counts();
    expect([again.guestPageFault, again.hashFault, again.hypercall]).toEqual([0, 0, 0]);
  });

  it.each([1, 5, 17])(
    'removes the entries of %i written pages one by one when it takes their right to write',
    (pages) => {
      const { machine, kernel, mm } = start(pages);
      protectRange(kernel, mm, { firstPage: AT, pages: 40, writable: false });
      const { pteStore, hashRemove } = machine.counts();
      expect([pteStore, hashRemove]).toEqual([pages, pages]);
      expect(machine.violations()).toEqual([]);
    },
  );

  it.each([1, 5, 17])('removes only what could be written when it forks a program of %i written pages', (pages) => {
    const { machine, kernel, table, mm } = start(pages);
    const read = 30;
    readPage(kernel, mm, AT + read);
    machine.counts();
    table.fork();
    expect(machine.counts().hashRemove).toBe(pages);
    readPage(kernel, mm, AT + read);
    expect(machine.counts().hashFault).toBe(0);
    expect(machine.violations()).toEqual([]);
  });

  it('asks for the right to write by one hypercall where the page turns out to be the program’s alone', () => {
    const { machine, kernel, table, mm } = start(1);
    table.fork();
    table.yield();
    table.exit();
    readPage(kernel, mm, AT);
    machine.counts();
    writePage(kernel, mm, AT);
    const { guestPageFault, hypercall, hashInsert, hashRemove, pteStore } = machine.counts();
    expect([guestPageFault, hypercall, hashInsert, hashRemove, pteStore]).toEqual([1, 1, 0, 0, 1]);
  });

  it('leaves nothing of a program in the table when it exits, and switches without the hypervisor', () => {
    const { machine, kernel, table, mm } = start(3);
    table.fork();
    readPage(kernel, mm, AT);
    table.yield();
    const child = table.running!;
    for (let page = 0; page < 3; page += 1) writePage(kernel, child.mm!, AT + page);
    const inTable = (): number => {
      const spaces = new Set<number>();
      machine.domain.mmu.forEachTranslation(({ space }) => void spaces.add(space));
      return spaces.size;
    };
    machine.counts();
    table.yield();
    table.yield();
    expect(machine.counts().hypercall).toBe(0);
    // The kernel's own, which has no tag, and one for each program.
    expect(inTable()).toBe(3);
    table.exit();
    expect(inTable()).toBe(2);
    expect(machine.violations()).toEqual([]);
  });
});
