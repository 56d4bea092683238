import { describe, expect, it } from 'vitest';
import { audit, isFinding } from '../../../engine/index.js';
import { banksOf, bootDomain0, recordedHost } from '../../../validation/scenes/arm-host.js';

/** Rows of `placement` in xen-arm-counts.yaml: Xen 4.17.7 on QEMU's board, read off twice, equal. */
const GRANTED = [
  { hostMiB: 1024, askMiB: 256, held: [], banks: ['60000000-70000000'] },
  { hostMiB: 1024, askMiB: 512, held: [], banks: ['50000000-70000000'] },
  { hostMiB: 2048, askMiB: 1024, held: [], banks: ['60000000-a0000000'] },
  { hostMiB: 2048, askMiB: 700, held: [], banks: ['60000000-80000000', 'b0000000-b8000000', 'ba400000-be000000'] },
  { hostMiB: 4096, askMiB: 3072, held: [], banks: ['50000000-100000000', '120000000-130000000'] },
  {
    hostMiB: 2048,
    askMiB: 512,
    held: [
      { start: 0x7000_0000, end: 0x7800_0000 },
      { start: 0x9000_0000, end: 0x9800_0000 },
    ],
    banks: ['60000000-70000000', '80000000-90000000'],
  },
] as const;

const REFUSED = [
  { hostMiB: 1024, askMiB: 1024, unallocatedMiB: 384 },
  { hostMiB: 2048, askMiB: 2048, unallocatedMiB: 320 },
] as const;

/** `not monotone`: granted or refused, as the ask grows on a host of 1024 MiB. */
const NOT_MONOTONE = [
  { askMiB: 639, granted: false },
  { askMiB: 640, granted: true },
  { askMiB: 644, granted: false },
  { askMiB: 672, granted: true },
] as const;

describe('a direct-mapped domain0 is placed where the real Xen placed it', () => {
  it.each(GRANTED)('$askMiB MiB on $hostMiB MiB, banks $banks', ({ hostMiB, askMiB, held, banks }) => {
    const arm = recordedHost(hostMiB, held);
    const domain = bootDomain0(arm, askMiB);
    if (isFinding(domain)) throw new Error(domain.detail);
    expect(banksOf(domain)).toEqual(banks);
    expect(audit(arm.host)).toEqual([]);
  });

  it.each(REFUSED)('$askMiB MiB on $hostMiB MiB is refused whole, with what was missing', (row) => {
    const arm = recordedHost(row.hostMiB);
    const before = arm.host.heap.freeFrames;
    const refused = bootDomain0(arm, row.askMiB);
    expect(refused).toMatchObject({ operation: 'build', model: 'direct', rule: 'banks-free' });
    expect(isFinding(refused) && refused.detail).toContain(`: ${row.unallocatedMiB} MiB unallocated`);
    expect(arm.host.heap.freeFrames).toBe(before);
    expect(arm.host.domains.size).toBe(0);
    expect(audit(arm.host)).toEqual([]);
  });

  it.each(NOT_MONOTONE)('$askMiB MiB on 1024 MiB: granted $granted', ({ askMiB, granted }) => {
    expect(isFinding(bootDomain0(recordedHost(1024), askMiB))).toBe(!granted);
  });
});
