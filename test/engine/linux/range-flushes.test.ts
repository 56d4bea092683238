import { describe, expect, it } from 'vitest';
import { execMm } from '../../../engine/linux/exec.js';
import { mapArea, unmapRange } from '../../../engine/linux/mmap.js';
import { writePage } from '../../../engine/linux/page-fault.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import { domainOn, hostOf, radixPlatformOf, radixScheme } from '../support.js';

/** Entries of a table of the small platform. */
const ENTRIES = 64;

/** Flushes of pages and of the space that it takes to unmap so many written pages, in one table and a part of the next. */
const flushesOf = (pages: number, broadcastsFlushes: boolean): readonly [pages: number, spaces: number] => {
  const scheme = radixScheme({ broadcastsFlushes });
  const domain = domainOn(hostOf(radixPlatformOf([[0, 1024]], { scheme })), 'guest', 'nested', 600);
  const kernel = startLinux(domain, { hugePages: false });
  const segments = [{ at: 0, filePage: 0, pages: 1, zeroedPages: 0, writable: false, executable: true }];
  const program = { file: kernel.cache.open('program', 1), base: ENTRIES, segments };
  const mm = execMm(kernel, null, { program, loader: null, argumentPages: 1 });
  const firstPage = 100 * ENTRIES;
  // What stays in the tables at either end keeps them, so that only pages are to be flushed.
  mapArea(kernel, mm, { firstPage, pages: pages + 2, writable: true, file: null });
  for (let page = 0; page < pages + 2; page += 1) writePage(kernel, mm, firstPage + page);
  const before = [domain.account.count('pageFlush'), domain.account.count('spaceFlush')];
  unmapRange(kernel, mm, firstPage + 1, pages);
  return [domain.account.count('pageFlush') - before[0], domain.account.count('spaceFlush') - before[1]];
};

describe('an unmapped range is flushed page by page', () => {
  it.each([
    [1, [1, 0]],
    [33, [33, 0]],
    [34, [0, 1]],
  ] as const)('up to 33 pages on x86: %i', (pages, flushes) => {
    expect(flushesOf(pages, false)).toEqual(flushes);
  });

  it.each([
    [34, [34, 0]],
    [ENTRIES - 1, [ENTRIES - 1, 0]],
    [ENTRIES, [0, 1]],
  ] as const)('below as many as a table has entries on arm64: %i', (pages, flushes) => {
    expect(flushesOf(pages, true)).toEqual(flushes);
  });
});
