import fc from 'fast-check';
import { vi } from 'vitest';
import { LinuxKernel } from '../../../engine/linux/kernel.js';
import { PageFrames, PageUse } from '../../../engine/linux/page-frames.js';
import { HashMmu } from '../../../engine/mmu/hash-mmu.js';
import { RadixMmu } from '../../../engine/mmu/radix-mmu.js';
import { PvMemory } from '../../../engine/x86/pv-memory.js';
import { runProcesses, steps as processSteps } from '../linux/random-processes.js';
import { type Machine, linuxOn, linuxOnPpc64 } from '../linux/support.js';
import { LINUX_STEPS } from '../random/linux-steps.js';
import { faultOf, sequenceOf } from '../random/sequence.js';
import { World } from '../random/world.js';
import { radixScheme } from '../support.js';
import { type Harness, type Area, nothing, throws, variantOf } from './harness.js';

const inLinuxOn =
  (machine: () => Machine, runs = 4): Harness =>
  () =>
    fc
      .sample(processSteps(60), { numRuns: runs, seed: 7 })
      .some((sequence) => throws(() => runProcesses(machine(), sequence)));

const inLinux = inLinuxOn(() => linuxOn('p2m', 700));
const inLinuxOnPpc64 = inLinuxOn(() => linuxOnPpc64(700), 8);

/** Guests have frames enough to fork. */
const ROOMY = { frames: 512, controlPages: 60, guestPages: 96 };

/** Processes of guests, and what moves their pages or takes them away. */
const besideProcesses = (model: string, others: readonly string[]): Harness => {
  const linux = Object.keys(LINUX_STEPS);
  const kinds = ['build', ...others, ...linux, ...linux, ...linux];
  const makeWorld = (): World => new World(variantOf('p2m'), variantOf(model), radixScheme(), ROOMY);
  return () =>
    ['one', 'two', 'three', 'four'].some((seed) =>
      throws(() => {
        const fault = faultOf(makeWorld(), sequenceOf(`processes ${seed}`, 1500, kinds), 25);
        if (fault !== null) throw new Error(fault);
      }),
    );
};

const processesThatMove = besideProcesses('p2m', ['relocate', 'offline and back', 'unplug and back']);
const processesOfMortals = besideProcesses('p2m', ['destroy', 'crash and restart', 'log', 'harvest', 'stop logging']);
const shadowProcesses = besideProcesses('shadow', ['page out', 'relocate', 'log', 'harvest']);

/** Processes of a guest, alone and beside what moves their pages or ends them. */
export const PROCESSES: Area = {
  harnesses: [
    ['processes', inLinux],
    ['processes on ppc64', inLinuxOnPpc64],
    ['processes of guests whose pages move', processesThatMove],
    ['processes of guests that come and go', processesOfMortals],
    ['processes of shadowed guests', shadowProcesses],
  ],
  mutations: [
    [
      'a kernel on hashed tables unmaps a page and its entry stays',
      inLinuxOnPpc64,
      () => void vi.spyOn(HashMmu.prototype, 'purge').mockImplementation(nothing),
    ],
    [
      'a kernel on hashed tables forks and entries keep the right to write',
      inLinuxOnPpc64,
      () => void vi.spyOn(HashMmu.prototype, 'purgeWritable').mockImplementation(nothing),
    ],
    [
      'a flush of one page by a kernel under P2M is lost',
      inLinux,
      () => void vi.spyOn(RadixMmu.prototype, 'purge').mockImplementation(nothing),
    ],
    [
      'a kernel under P2M loads another base, and the TLB is not flushed',
      inLinux,
      () => void vi.spyOn(RadixMmu.prototype, 'flush').mockImplementation(nothing),
    ],
    [
      'a page-table update is not checked',
      inLinux,
      () => void vi.spyOn(PvMemory.prototype, 'update').mockReturnValue('page table'),
    ],
    ['a page-table page is not pinned', inLinux, () => void vi.spyOn(PvMemory.prototype, 'pin').mockReturnValue(null)],
    [
      'a mapping of a page is not counted',
      inLinux,
      () => void vi.spyOn(PageFrames.prototype, 'addMapping').mockImplementation(nothing),
    ],
    [
      'a kernel does not follow its page tables where they move',
      processesThatMove,
      () => void vi.spyOn(LinuxKernel.prototype, 'follow').mockImplementation(nothing),
    ],
    ['a fork leaves parent and child the right to write', processesOfMortals, leaveRightToWrite],
    [
      'a program that exits leaves its tables pinned',
      processesOfMortals,
      () => void vi.spyOn(PvMemory.prototype, 'unpin').mockReturnValue(null),
    ],
    [
      'a page that two programs share is taken for one’s own',
      processesOfMortals,
      () => void vi.spyOn(PageFrames.prototype, 'isExclusive').mockReturnValue(true),
    ],
    [
      'a shadowed guest’s kernel forks and parent and child keep the right to write',
      shadowProcesses,
      leaveRightToWrite,
    ],
  ],
};

function leaveRightToWrite(): void {
  const original = Reflect.get(LinuxKernel.prototype, 'entryFor');
  vi.spyOn(LinuxKernel.prototype, 'entryFor').mockImplementation(function (this: LinuxKernel, pfn, writable) {
    return original.call(this, pfn, writable || this.pages.use(pfn) === PageUse.anonymous);
  });
}
