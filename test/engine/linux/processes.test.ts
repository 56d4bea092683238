import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitMm, forkMm } from '../../../engine/linux/fork.js';
import { type Mm, findEntry } from '../../../engine/linux/mm.js';
import { mapArea, unmapArea } from '../../../engine/linux/mmap.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { isPresent } from '../../../engine/host/entry.js';
import { type Machine, linuxOn } from './support.js';

/** Areas far enough apart to need tables of their own, near enough to share some. */
const AREAS = [0x100, 0x100 + 300, 512 * 3 + 500, 512 * 512 * 2, 0x7_ffff_0000] as const;
const AREA_PAGES = 20;

interface Process {
  readonly mm: Mm;
  /** What the program reads at each page: its own value, by page number. */
  readonly values: Map<number, number>;
}

const step = fc.record({
  kind: fc.constantFrom('write', 'write', 'read', 'fork', 'exit', 'unmap', 'map', 'switch'),
  process: fc.nat(3),
  area: fc.nat(AREAS.length - 1),
  page: fc.nat(AREA_PAGES - 1),
});

const anonymous = (firstPage: number) => ({
  firstPage,
  pages: AREA_PAGES,
  writable: true,
  file: null,
  hasAnonymous: false,
});

const run = (
  machine: Machine,
  sequence: readonly { kind: string; process: number; area: number; page: number }[],
): void => {
  const { kernel, domain } = machine;
  const free = domain.freeFrames;
  const first = kernel.newMm();
  kernel.ops.forked(first);
  const processes: Process[] = [{ mm: first, values: new Map() }];
  let value = 0;
  for (const { kind, process, area, page } of sequence) {
    const at = process % processes.length;
    const { mm, values } = processes[at];
    const start = AREAS[area];
    const vma = mm.vmas.find(({ firstPage }) => firstPage === start);
    if (kind === 'map' && vma === undefined) mapArea(mm, anonymous(start));
    if (kind === 'switch') kernel.ops.activate(mm);
    if (kind === 'exit' && processes.length > 1) {
      exitMm(kernel, mm);
      processes.splice(at, 1);
    }
    if (kind === 'fork' && processes.length < 4) {
      kernel.ops.activate(mm);
      processes.push({ mm: forkMm(kernel, mm), values: new Map(values) });
    }
    if (kind === 'unmap' && vma !== undefined) {
      kernel.ops.activate(mm);
      unmapArea(kernel, mm, vma);
      for (let vpn = start; vpn < start + AREA_PAGES; vpn += 1) values.delete(vpn);
    }
    if (kind === 'write' && vma !== undefined) {
      touchPage(kernel, mm, start + page, true);
      value += 1;
      const frame = kernel.frameOf(kernel.entryAt(findEntry(kernel, mm, start + page)!));
      domain.host.frames.setContents(domain.model.machineFrame(frame), value);
      values.set(start + page, value);
    }
    for (const other of processes) {
      for (const [vpn, expected] of other.values) {
        const entry = kernel.entryAt(findEntry(kernel, other.mm, vpn)!);
        expect(isPresent(entry)).toBe(true);
        expect(kernel.contents(kernel.frameOf(entry))).toBe(expected);
      }
    }
    expect(machine.violations()).toEqual([]);
  }
  for (const { mm } of processes) exitMm(kernel, mm);
  expect(domain.freeFrames).toBe(free);
  expect(machine.violations()).toEqual([]);
};

describe('processes', () => {
  for (const model of ['p2m', 'insert'] as const) {
    it(`read back what they wrote, whoever forked, exited or unmapped meanwhile, and nothing leaks: ${model}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (sequence) => run(linuxOn(model, 400), sequence)),
        { numRuns: 60, seed: 6 },
      );
    });
  }

  it('ask the hypervisor for nothing where it does not look into their tables', () => {
    const machine = linuxOn('insert', 400);
    run(machine, [
      { kind: 'map', process: 0, area: 0, page: 0 },
      { kind: 'write', process: 0, area: 0, page: 3 },
      { kind: 'fork', process: 0, area: 0, page: 0 },
      { kind: 'write', process: 0, area: 0, page: 3 },
    ]);
    const { guestPageFault, pageUpdate = 0, mmuextOperation = 0, emulatedWrite = 0 } = machine.counts();
    expect({ guestPageFault, pageUpdate, mmuextOperation, emulatedWrite }).toEqual({
      guestPageFault: 2,
      pageUpdate: 0,
      mmuextOperation: 0,
      emulatedWrite: 0,
    });
  });
});
