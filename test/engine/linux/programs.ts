import { expect } from 'vitest';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { type Executable, execMm } from '../../../engine/linux/exec.js';
import type { Mm } from '../../../engine/linux/mm.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import type { Machine } from './support.js';

export const PROGRAM = 0x5_5555_5400;

/** A small program with a loader. */
export const executable = ({ kernel }: Machine): Executable => ({
  program: {
    file: kernel.cache.open('program', 8),
    base: PROGRAM,
    segments: [
      { at: 0, filePage: 0, pages: 4, zeroedPages: 0, writable: false, executable: true },
      { at: 4, filePage: 3, pages: 2, zeroedPages: 3, writable: true, executable: false },
    ],
  },
  loader: {
    file: kernel.cache.open('loader', 4),
    base: 0x7_ffff_7000,
    segments: [{ at: 0, filePage: 0, pages: 4, zeroedPages: 0, writable: false, executable: true }],
  },
  argumentPages: 2,
});

/** The program, just started in an address space of its own. */
export const running = (machine: Machine): Mm => execMm(machine.kernel, null, executable(machine));

/** Writes each page of a range. */
export const touchAll = ({ kernel }: Machine, mm: Mm, from: number, pages: number): void => {
  for (let page = 0; page < pages; page += 1) expect(touchPage(kernel, mm, from + page, true)).toBeNull();
};

/** Every rule holds. */
export const clean = (machine: Machine): void => {
  expect(auditLinux(machine.kernel)).toEqual([]);
  expect(machine.violations()).toEqual([]);
};
