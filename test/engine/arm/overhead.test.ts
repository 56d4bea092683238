import { describe, expect, it } from 'vitest';
import { isFinding } from '../../../engine/index.js';
import { bootDomain0, countDirect, recordedHost } from '../../../validation/scenes/arm-host.js';

/** Rows of `memory-overhead` in xen-arm-counts.yaml: pages = total − free − domain0's own. */
const ROWS = [
  { hostMiB: 1024, dom0MiB: 512, overhead: 4607, frameTable: 3584 },
  { hostMiB: 2048, dom0MiB: 512, overhead: 8191, frameTable: 7168 },
  { hostMiB: 4096, dom0MiB: 1024, overhead: 17408, frameTable: 16384 },
] as const;

/** Pages of Xen's own heap that nothing here allocates: descriptors, stacks, the console, vCPUs. In every row the same. */
const UNEXPLAINED = 77;

const counted = (hostMiB: number, askMiB: number) => {
  const arm = recordedHost(hostMiB);
  const domain = bootDomain0(arm, askMiB);
  if (isFinding(domain)) throw new Error(domain.detail);
  const counts = countDirect(arm, domain);
  return { ...counts, ...arm.bootFrames, overhead: arm.host.installedFrames - counts.freePages - counts.owned };
};

describe('what a direct domain0 costs the hypervisor', () => {
  it.each(ROWS)('$hostMiB MiB with a domain0 of $dom0MiB MiB: frame table, and all but 77 pages', (row) => {
    const got = counted(row.hostMiB, row.dom0MiB);
    expect(got.frameTable).toBe(row.frameTable);
    expect(row.overhead - got.overhead).toBe(UNEXPLAINED);
  });

  it.each([
    { dom0MiB: 256, largeEntries: 319 },
    { dom0MiB: 512, largeEntries: 447 },
  ])(
    '$dom0MiB MiB: $largeEntries entries of 2 MiB and 385 table pages, its own and the windows of the board',
    (row) => {
      expect(counted(1024, row.dom0MiB)).toMatchObject({ largeEntries: row.largeEntries, tablePages: 385 });
    },
  );

  it('1024 MiB: 703 entries of 2 MiB', () => expect(counted(4096, 1024).largeEntries).toBe(703));
});
