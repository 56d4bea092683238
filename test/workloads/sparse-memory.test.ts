import { describe, expect, it } from 'vitest';
import type { ModelId } from '../../engine/index.js';
import type { LabRecord } from '../../workloads/lab.js';
import { runnerOf } from './memory-suites.js';

const metric = (record: LabRecord, name: string): number => record.metrics.get(name)!;
const SMALL = { memory: 64, hostMemory: 256, banks: 4, buffers: 50, bouncePool: 1 };

const run = runnerOf('sparse-memory', SMALL);

describe('holes between banks', () => {
  it('are in the addresses of a P==M domain, and in those of no other', () => {
    const spanOf = (model: ModelId): number => metric(run('descriptors', model), 'span');
    expect(spanOf('direct')).toBeGreaterThan(10);
    expect([spanOf('p2m'), spanOf('insert')]).toEqual([1, 1]);
  });

  it('cost a flat array of descriptors their share, and one in sections next to nothing', () => {
    const record = run('descriptors', 'direct');
    expect(metric(record, 'flat')).toBeCloseTo((metric(record, 'span') * 56 * 100) / 16384, 9);
    expect(metric(record, 'sections')).toBeLessThan(metric(record, 'flat') / 4);
  });

  it('are described where the frame table spans them, until it does not fit', () => {
    const tables = (hole: number): LabRecord => run('descriptors', 'nested', { hole }, 'arm64-2026');
    expect(metric(tables(0), 'tables')).toBeLessThan(8);
    expect(metric(tables(1024), 'tables')).toBeGreaterThan(40);
    const refused = tables(65_536);
    expect(refused.metrics.size).toBe(0);
    expect(refused.findings).toMatchObject([{ operation: 'build', rule: 'frame-tables-fit' }]);
  });
});

it('buffers of several pages are copied under VP where frames do not follow each other, and not under P==M', () => {
  expect(metric(run('contiguous', 'direct'), 'bounced')).toBe(0);
  expect(metric(run('contiguous', 'insert'), 'bounced')).toBe(100);
});

it('a device of 32 bits needs copies of as many buffers as lie above', () => {
  const record = run('dma-mask', 'p2m', { buffers: 400, memory: 96, hostMemory: 512 });
  expect(metric(record, 'bounced')).toBeGreaterThan(0);
  expect(Math.abs(metric(record, 'bounced') - (100 - metric(record, 'reachable')))).toBeLessThan(10);
  expect(metric(run('dma-mask', 'p2m', { hole: 0 }), 'bounced')).toBe(0);
});

it('an aged host gives a VP guest fewer large pages than a new one', () => {
  const large = (rounds: number): number =>
    metric(run('ageing', 'nested', { rounds, memory: 80, scattered: 5, hostMemory: 256 }, 'x86-64-2026'), 'largePages');
  expect(large(30)).toBeLessThan(large(0));
});
