import { describe, expect, it } from 'vitest';
import { mapArea, unmapArea } from '../../../engine/linux/mmap.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { linuxOn } from './support.js';

const START = 0x7fff_f000_0;

/** Maps `pages` of anonymous memory beside one page that stays, writes each, and unmaps them. */
const touch = (model: 'p2m' | 'insert', pages: number) => {
  const machine = linuxOn(model);
  const { kernel } = machine;
  const mm = kernel.newMm();
  const area = (firstPage: number, count: number) => ({
    firstPage,
    pages: count,
    writable: true,
    file: null,
    hasAnonymous: false,
  });
  mapArea(mm, area(START - 512, 1));
  kernel.ops.forked(mm);
  kernel.ops.activate(mm);
  touchPage(kernel, mm, START - 512, true);
  machine.counts();
  expect(machine.violations()).toEqual([]);
  const memory = area(START, pages);
  mapArea(mm, memory);
  for (let vpn = START; vpn < START + pages; vpn += 1) touchPage(kernel, mm, vpn, true);
  expect(machine.violations()).toEqual([]);
  unmapArea(kernel, mm, memory);
  expect(machine.violations()).toEqual([]);
  return machine.counts();
};

describe('touching memory under P2M on x86', () => {
  it('64 MiB: the counts of a real Xen, after its null job', () => {
    // xen-counts.yaml, events, pv, touch 64 less null-job.
    expect(touch('p2m', 16_384)).toMatchObject({
      hypervisorPageFault: 32_768,
      emulatedWrite: 16_384,
      pageUpdate: 16_448,
      vaMappingUpdate: 64,
      mmuextOperation: 66,
      multicall: 64,
      guestPageFault: 16_384,
    });
  });
});
