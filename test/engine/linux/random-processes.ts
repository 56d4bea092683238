import fc from 'fast-check';
import { expect } from 'vitest';
import { auditLinux } from '../../../engine/linux/audit-linux.js';
import { balloonIn, balloonOut } from '../../../engine/linux/balloon.js';
import { HUGE_STEPS, PROCESS_STEPS, type ProcessStep } from './process-steps.js';
import { type Layout, Programs } from './programs-reference.js';
import type { Machine } from './support.js';

/** Some places share tables, some need tables of their own, the last is near the end of a table. */
const LAYOUT: Layout = {
  program: 0x5555_5400,
  places: [0x100, 0x100 + 12, 0x100 + 300, 512 * 3 + 506, 512 * 512 * 2],
};
const MAX_PAGES = 16;

const HUGE_KINDS = [
  ['map huge', 'write huge', 'write huge', 'write huge', 'read huge', 'unmap huge', 'protect huge', 'unprotect huge'],
  ['fork', 'exec', 'exit', 'wait', 'yield', 'yield', 'balloon out', 'balloon in'],
].flat();

const KINDS = [
  ['write', 'write', 'write', 'read', 'read', 'write program', 'read program', 'write stack'],
  ['map', 'map file', 'map read-only', 'unmap', 'protect', 'unprotect', 'break'],
  ['fork', 'fork', 'exec', 'exit', 'wait', 'yield', 'yield', 'balloon out', 'balloon in', 'drop cache'],
].flat();

export const steps = (length: number, of: 'small' | 'huge' = 'small'): fc.Arbitrary<ProcessStep[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...(of === 'small' ? KINDS : HUGE_KINDS)),
      place: fc.nat(LAYOUT.places.length - 1),
      page: fc.nat(MAX_PAGES - 1),
      pages: fc.integer({ min: 1, max: MAX_PAGES }),
    }),
    { maxLength: length, size: 'max' },
  );

const STEPS = { ...PROCESS_STEPS, ...HUGE_STEPS };

/** Runs the steps on a kernel and on the programs' own beliefs, compares and audits after each. */
export const runProcesses = (machine: Machine, sequence: readonly ProcessStep[]): void => {
  const { kernel, domain } = machine;
  const programs = new Programs(kernel, LAYOUT);
  const { table } = programs;
  for (const step of sequence) {
    const { kind, place, page, pages } = step;
    if (kind === 'balloon out') {
      if (domain.free.count > 600) expect(balloonOut(kernel, pages)).toBeNull();
    } else if (kind === 'balloon in') expect(balloonIn(kernel, pages)).toBeNull();
    else STEPS[kind](programs, LAYOUT.places[place] + page, step);
    programs.check();
    expect(machine.violations()).toEqual([]);
  }
  while (programs.believed.size > 1) programs.exit();
  while (table.wait() !== null);
  expect(table.all).toHaveLength(1);
  table.exit();
  kernel.cache.drop();
  expect(auditLinux(kernel)).toEqual([]);
  expect(machine.violations()).toEqual([]);
  expect(domain.free.count + domain.balloon.frames.length).toBe(machine.freeAtStart);
};
