import { describe, expect, it } from 'vitest';
import { destroyDomain, isFinding } from '../../../engine/index.js';
import { beginLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { areaAt } from '../../../engine/linux/areas.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { moveBreak } from '../../../engine/linux/brk.js';
import { execMm } from '../../../engine/linux/exec.js';
import { exitMm } from '../../../engine/linux/exit.js';
import { forkMm } from '../../../engine/linux/fork.js';
import type { Mm } from '../../../engine/linux/mm.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { readPage, touchPage, writePage } from '../../../engine/linux/page-fault.js';
import { PROGRAM, clean, executable, running, touchAll } from './programs.js';
import { linuxOn } from './support.js';

const AT = 0x1000;

const shapes = ({ vmas }: Mm, from: number, to: number) =>
  vmas.filter(({ firstPage }) => firstPage >= from && firstPage < to).map((vma) => [vma.firstPage - from, vma.pages]);

describe('mprotect', () => {
  it.each([
    [1, 1, 0],
    [32, 32, 0],
    [33, 33, 0],
    [34, 1, 0],
    [100, 1, 0],
  ])(
    'of %i written pages under P2M updates each once, in batches, without a fault, and flushes %i times',
    (pages, flushes, multicalls) => {
      const machine = linuxOn('p2m', 2000);
      const mm = running(machine);
      mapArea(machine.kernel, mm, { firstPage: AT, pages, writable: true, file: null });
      touchAll(machine, mm, AT, pages);
      machine.counts();
      expect(protectRange(machine.kernel, mm, { firstPage: AT, pages, writable: false })).toBeNull();
      const {
        pageUpdate,
        mmuextOperation,
        multicall = 0,
        emulatedWrite = 0,
        hypervisorPageFault = 0,
      } = machine.counts();
      expect([pageUpdate, mmuextOperation, multicall]).toEqual([pages, flushes, multicalls]);
      expect([emulatedWrite, hypervisorPageFault]).toEqual([0, 0]);
      clean(machine);
    },
  );

  it('splits areas at its ends, and joins them when they are alike again', () => {
    const machine = linuxOn('insert', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    mapArea(kernel, mm, { firstPage: AT, pages: 20, writable: true, file: null });
    protectRange(kernel, mm, { firstPage: AT + 5, pages: 10, writable: false });
    expect(shapes(mm, AT, AT + 20)).toEqual([
      [0, 5],
      [5, 10],
      [15, 5],
    ]);
    expect(touchPage(kernel, mm, AT + 5, true)).toMatchObject({ operation: 'access', rule: 'writable' });
    protectRange(kernel, mm, { firstPage: AT + 5, pages: 10, writable: true });
    expect(shapes(mm, AT, AT + 20)).toEqual([[0, 20]]);
    clean(machine);
  });

  it('gives the right back at once only where a page is the program’s alone', () => {
    const machine = linuxOn('insert', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    mapArea(kernel, mm, { firstPage: AT, pages: 2, writable: true, file: null });
    touchAll(machine, mm, AT, 1);
    readPage(kernel, mm, AT + 1);
    protectRange(kernel, mm, { firstPage: AT, pages: 2, writable: false });
    protectRange(kernel, mm, { firstPage: AT, pages: 2, writable: true });
    machine.counts();
    touchAll(machine, mm, AT, 1);
    expect(machine.counts().guestPageFault ?? 0).toBe(0);
    touchAll(machine, mm, AT + 1, 1);
    expect(machine.counts().guestPageFault).toBe(1);
    clean(machine);
  });
});

describe('munmap', () => {
  it('of the middle of an area leaves both ends as they were', () => {
    const machine = linuxOn('p2m', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    mapArea(kernel, mm, { firstPage: AT, pages: 30, writable: true, file: null });
    touchAll(machine, mm, AT, 30);
    const before = [AT, AT + 29].map((vpn) => writePage(kernel, mm, vpn));
    const free = machine.domain.free.count;
    unmapRange(kernel, mm, AT + 10, 10);
    expect(machine.domain.free.count - free).toBe(10);
    expect(shapes(mm, AT, AT + 30)).toEqual([
      [0, 10],
      [20, 10],
    ]);
    expect([AT, AT + 29].map((vpn) => readPage(kernel, mm, vpn))).toEqual(before);
    expect(readPage(kernel, mm, AT + 15)).toMatchObject({ rule: 'mapped' });
    clean(machine);
  });
});

describe('an area of a file', () => {
  it.each([false, true])('has no page behind the end of the file, and takes no frame for one; written: %s', (write) => {
    const machine = linuxOn('p2m', 2000);
    const { kernel, domain } = machine;
    const mm = running(machine);
    const cached = kernel.cache.open('data', 3);
    mapArea(kernel, mm, { firstPage: AT, pages: 10, writable: true, file: { cached, firstPage: 1 } });
    expect(touchPage(kernel, mm, AT + 1, write)).toBeNull();
    const free = domain.free.count;
    expect(touchPage(kernel, mm, AT + 2, write)).toMatchObject({ operation: 'access', rule: 'in-the-file' });
    expect(domain.free.count).toBe(free);
    clean(machine);
  });

  it('goes on with the right pages of it behind a hole', () => {
    const machine = linuxOn('p2m', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    const cached = kernel.cache.open('data', 20);
    mapArea(kernel, mm, { firstPage: AT, pages: 10, writable: false, file: { cached, firstPage: 5 } });
    unmapRange(kernel, mm, AT + 3, 2);
    expect(readPage(kernel, mm, AT + 2)).toBe(cached.stamps[7]);
    expect(readPage(kernel, mm, AT + 6)).toBe(cached.stamps[11]);
    mapArea(kernel, mm, { firstPage: AT + 3, pages: 2, writable: false, file: { cached, firstPage: 8 } });
    expect(shapes(mm, AT, AT + 10)).toEqual([[0, 10]]);
    clean(machine);
  });
});

describe('exec', () => {
  it('makes files’ pages, arguments and the heap what the program expects, and frees all that was the old one’s', () => {
    const machine = linuxOn('p2m', 2000);
    const { kernel } = machine;
    const first = running(machine);
    const free = machine.domain.free.count;
    mapArea(kernel, first, { firstPage: AT, pages: 50, writable: true, file: null });
    touchAll(machine, first, AT, 50);
    const mm = execMm(kernel, first, executable(machine));
    expect(machine.domain.free.count).toBe(free);
    expect([...kernel.mms]).toEqual([mm]);
    const { stamps } = kernel.cache.open('program', 8);
    const read = [PROGRAM, PROGRAM + 4, PROGRAM + 6].map((vpn) => readPage(kernel, mm, vpn));
    expect(read).toEqual([stamps[0], stamps[3], 0]);
    expect(moveBreak(kernel, mm, PROGRAM + 20)).toBe(PROGRAM + 20);
    expect(areaAt(mm, PROGRAM + 19)).toMatchObject({ writable: true, file: null });
    clean(machine);
  });

  it('under P2M pins the new roots before the old are unpinned, and loads the new one between', () => {
    const machine = linuxOn('p2m', 2000);
    const first = running(machine);
    machine.counts();
    execMm(machine.kernel, first, executable(machine));
    // Two roots pinned, loaded and unpinned; of the lowest tables, the stack's with the roots, then the program's alone,
    // and both of the old space given up.
    expect(machine.counts().mmuextOperation).toBe(2 + 2 + 2 + 1 + 1 + 2);
  });
});

describe('a stack', () => {
  it('grows down to a touched page, up to 8 MiB, and not into the guard of what is below', () => {
    const machine = linuxOn('insert', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    const stack = mm.vmas.at(-1)!;
    const top = stack.firstPage + stack.pages;
    expect(touchPage(kernel, mm, top - 2048, true)).toBeNull();
    expect(touchPage(kernel, mm, top - 2049, true)).toMatchObject({ rule: 'mapped' });
    const other = running(machine);
    mapArea(kernel, other, { firstPage: top - 500, pages: 1, writable: true, file: null });
    expect(touchPage(kernel, other, top - 500 + 256, true)).toMatchObject({ rule: 'mapped' });
    expect(touchPage(kernel, other, top - 500 + 257, true)).toBeNull();
    clean(machine);
  });
});

describe('the page cache', () => {
  it('is one copy for all programs, private ones apart, and gives up what nobody maps', () => {
    const machine = linuxOn('p2m', 2000);
    const { kernel, domain } = machine;
    const [one, other] = [running(machine), running(machine)];
    kernel.ops.activate(one);
    readPage(kernel, one, PROGRAM);
    kernel.ops.activate(other);
    const free = domain.free.count;
    machine.counts();
    const ofOther = readPage(kernel, other, PROGRAM);
    kernel.ops.activate(one);
    expect(ofOther).toBe(readPage(kernel, one, PROGRAM));
    expect(machine.counts().fileRead ?? 0).toBe(0);
    expect(kernel.frameOf(kernel.leafOf(one, PROGRAM))).toBe(kernel.frameOf(kernel.leafOf(other, PROGRAM)));
    expect(free - domain.free.count).toBe(0);
    expect(kernel.cache.drop()).toBeGreaterThan(0);
    expect(readPage(kernel, one, PROGRAM)).toBe(kernel.cache.open('program', 8).stamps[0]);
    clean(machine);
  });
});

describe('what a program wrote', () => {
  it('is in the guest’s own log and in the dirty log, with the page tables that changed', () => {
    const machine = linuxOn('insert', 2000);
    const { kernel, domain } = machine;
    const mm = running(machine);
    mapArea(kernel, mm, { firstPage: AT, pages: 3, writable: true, file: null });
    touchAll(machine, mm, AT, 2);
    beginLogDirty(domain, domain, () => {});
    writePage(kernel, mm, AT);
    expect(harvestDirty(domain, domain, () => {})).toEqual([kernel.frameOf(kernel.leafOf(mm, AT))]);
    const child = forkMm(kernel, mm);
    harvestDirty(domain, domain, () => {});
    writePage(kernel, child, AT);
    const written = [kernel.frameOf(kernel.leafOf(child, AT)), kernel.frameOf(kernel.leafOf(mm, AT))];
    const dirty = harvestDirty(domain, domain, () => {});
    expect(dirty).toContain(written[0]);
    expect(dirty).not.toContain(written[1]);
    // The page and the lowest table of the child.
    expect(dirty).toHaveLength(2);
    exitMm(kernel, child);
    clean(machine);
  });
});

describe('a P2M domain with processes', () => {
  it('uses frames that the balloon brought back as pages and as page tables', () => {
    const machine = linuxOn('p2m', 300);
    const { kernel, domain } = machine;
    const free = domain.free.count;
    expect(balloonOut(kernel, free)).toBeNull();
    expect(domain.free.count).toBe(0);
    machine.counts();
    expect(balloonIn(kernel, free)).toBeNull();
    expect(machine.counts()).toMatchObject({ memoryOperation: 1, vaMappingUpdate: free });
    clean(machine);
    const mm = running(machine);
    mapArea(kernel, mm, { firstPage: AT, pages: 100, writable: true, file: null });
    touchAll(machine, mm, AT, 100);
    clean(machine);
  });

  it('is destroyed with all its tables pinned, and nothing of it stays', () => {
    const machine = linuxOn('p2m', 2000);
    const { domain } = machine;
    const { host } = domain;
    forkMm(machine.kernel, running(machine));
    expect(isFinding(destroyDomain(domain, domain.builder))).toBe(false);
    expect(host.heap.freeFrames).toBe(host.installedFrames);
    expect(machine.violations()).toEqual([]);
  });
});
