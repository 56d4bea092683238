import { describe, expect, it } from 'vitest';
import { findEntry } from '../../../engine/linux/mm.js';
import { isPresent } from '../../../engine/host/entry.js';
import { mapArea } from '../../../engine/linux/mmap.js';
import { protectRange } from '../../../engine/linux/mprotect.js';
import { touchPage } from '../../../engine/linux/page-fault.js';
import { clean, running } from './programs.js';
import { linuxOn } from './support.js';

const AT = 0x1000;

/** Pages of a cached file that are mapped after one of them was read, counted from the area's first. */
const mappedBy = (first: number, pages: number, touched: number): number[] => {
  const machine = linuxOn('p2m', 2000);
  const { kernel } = machine;
  const mm = running(machine);
  const cached = kernel.cache.open('file', pages);
  for (let page = 0; page < pages; page += 1) kernel.cache.read(cached, page);
  mapArea(kernel, mm, { firstPage: first, pages, writable: false, file: { cached, firstPage: 0 } });
  touchPage(kernel, mm, first + touched, false);
  clean(machine);
  return Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const place = findEntry(kernel, mm, first + page);
    return place !== null && isPresent(kernel.entryAt(place));
  });
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe('a fault on a page of a file that is cached', () => {
  it('maps the 16 pages of the aligned window around it', () => {
    expect(mappedBy(AT, 64, 20)).toEqual(range(16, 32));
  });

  it('maps 16 pages from the start of the area, where that lies within the window', () => {
    expect(mappedBy(AT + 5, 64, 3)).toEqual(range(0, 16));
    expect(mappedBy(AT + 5, 64, 11)).toEqual(range(11, 27));
  });

  it('goes no further than the area and its lowest table', () => {
    expect(mappedBy(AT, 20, 17)).toEqual(range(16, 20));
    expect(mappedBy(AT - 6, 64, 2)).toEqual(range(0, 6));
  });
});

describe('areas of one file that go on from each other', () => {
  it('stay apart where one of them was writable and the other never was, whatever they are now', () => {
    const machine = linuxOn('insert', 2000);
    const { kernel } = machine;
    const mm = running(machine);
    const cached = kernel.cache.open('file', 30);
    const part = (firstPage: number, writable: boolean): void =>
      mapArea(kernel, mm, { firstPage: AT + firstPage, pages: 10, writable, file: { cached, firstPage } });
    part(0, false);
    part(10, true);
    part(20, false);
    protectRange(kernel, mm, { firstPage: AT + 10, pages: 10, writable: false });
    const starts = (): number[] => mm.vmas.map(({ firstPage }) => firstPage - AT).filter((at) => at >= 0 && at < 30);
    expect(starts()).toEqual([0, 10, 20]);
    protectRange(kernel, mm, { firstPage: AT + 20, pages: 10, writable: true });
    protectRange(kernel, mm, { firstPage: AT + 20, pages: 10, writable: false });
    expect(starts()).toEqual([0, 10]);
    clean(machine);
  });
});
