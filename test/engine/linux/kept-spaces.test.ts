import { describe, expect, it } from 'vitest';
import type { Domain } from '../../../engine/index.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { mapArea } from '../../../engine/linux/mmap.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { audit } from '../../../engine/index.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

const ROOMY = { tlb: [{ sets: 8, ways: 32 }], walkCache: [64, 16, 4] };

/** References to guest tables in a third round among so many processes, each of which reads one page when its turn comes. */
const referencesOfARound = (processes: number, broadcastsFlushes: boolean): number => {
  const scheme = radixScheme({ broadcastsFlushes, caches: ROOMY, nestedCaches: ROOMY });
  const domain: Domain = domainOn(hostOf(radixPlatformOf([[0, 2048]], { scheme })), 'guest', 'nested', 1500);
  const kernel = startLinux(domain, { hugePages: false });
  const table = new ProcessTable(kernel);
  const segments = [{ at: 0, filePage: 0, pages: 1, zeroedPages: 0, writable: false, executable: true }];
  const program = { file: kernel.cache.open('program', 1), base: 64, segments };
  table.start({ program, loader: null, argumentPages: 1 });
  mapArea(kernel, table.running!.mm!, { firstPage: 6400, pages: 1, writable: true, file: null });
  for (let made = 1; made < processes; made += 1) table.fork();
  const round = (): void => {
    for (let turn = 0; turn < processes; turn += 1) {
      expect(touchPage(kernel, table.running!.mm!, 6400, true)).toBeNull();
      table.yield();
    }
  };
  round();
  round();
  const before = domain.account.count('tableReference');
  round();
  expect(audit(domain.host)).toEqual([]);
  return domain.account.count('tableReference') - before;
};

describe('what the TLB has of a program when its turn comes again', () => {
  it('is there with six address spaces on x86', () => {
    expect(referencesOfARound(6, false)).toBe(0);
  });

  it('is gone with a seventh on x86, since places are given in turn: each walks all levels again', () => {
    expect(referencesOfARound(7, false)).toBe(7 * 4);
  });

  it('is there with many on arm64', () => {
    expect(referencesOfARound(20, true)).toBe(0);
  });
});
