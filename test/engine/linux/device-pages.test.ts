import { describe, expect, it } from 'vitest';
import { mapDevicePages } from '../../../engine/linux/device-pages.js';
import { exitMm } from '../../../engine/linux/exit.js';
import { forkMm } from '../../../engine/linux/fork.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { readPage, writePage } from '../../../engine/linux/page-fault.js';
import { clean, running, touchAll } from './programs.js';
import { linuxOn } from './support.js';

const AT = 0x1000;
const OWN = 0x5000;
/** Pages that the program wrote as it was started: two of arguments, and one of data that ends within a page. */
const STARTED = 3;

describe('pages of a device that a program has mapped', () => {
  it('are there without a fault, and are copied by a fork, without the exchange that a page of its own takes', () => {
    const machine = linuxOn('p2m', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    mapDevicePages(kernel, mm, AT, 6);
    mapArea(kernel, mm, { firstPage: OWN, pages: 4, writable: true, file: null });
    touchAll(machine, mm, OWN, 4);
    machine.counts();
    const own = writePage(kernel, mm, AT + 2);
    expect(machine.counts().guestPageFault ?? 0).toBe(0);
    const child = forkMm(kernel, mm);
    const counts = machine.counts();
    expect([counts.writablePageUpdate, counts.emulatedWrite]).toEqual([STARTED + 4 + 6, STARTED + 4]);
    clean(machine);
    kernel.ops.activate(child);
    expect(readPage(kernel, child, AT + 2)).toBe(own);
    const others = writePage(kernel, child, AT + 3);
    exitMm(kernel, child);
    kernel.ops.activate(mm);
    expect(readPage(kernel, mm, AT + 3)).toBe(others);
    expect(machine.counts().guestPageFault ?? 0).toBe(0);
    clean(machine);
  });

  it.each(['p2m', 'insert', 'shadow', 'nested'] as const)('are given back with their last mapping: %s', (model) => {
    const machine = linuxOn(model, 2000);
    const { kernel } = machine;
    const mm = running(machine);
    const free = machine.domain.free.count;
    mapDevicePages(kernel, mm, AT, 6);
    const child = forkMm(kernel, mm);
    unmapRange(kernel, mm, AT, 6);
    clean(machine);
    kernel.ops.activate(child);
    exitMm(kernel, child);
    kernel.ops.activate(mm);
    clean(machine);
    expect(machine.domain.free.count).toBe(free);
  });
});
