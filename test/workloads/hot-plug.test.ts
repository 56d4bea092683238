import { describe, expect, it } from 'vitest';
import type { ModelId } from '../../engine/index.js';
import type { LabRecord } from '../../workloads/lab.js';
import { runnerOf } from './memory-suites.js';

const metric = (record: LabRecord, name: string): number => record.metrics.get(name)!;
const SMALL = { memory: 32, bankSize: 24, workingSet: 4, kernelShare: 5 };

const run = runnerOf('hot-plug', SMALL);

describe('a bank that is removed under load, with every page compared', () => {
  it.each(['p2m', 'insert'] as const)('comes out under %s, kernel pages and page tables too', (model) => {
    const record = run('remove-bank', model);
    expect(Object.fromEntries(record.metrics)).toMatchObject({ removed: 1, blockedByKernel: 0, stranded: 0 });
    expect(metric(record, 'moved')).toBeGreaterThan(0);
    expect(record.findings).toEqual([]);
  });

  it('is refused under P==M with the frames that the kernel has there, and given back', () => {
    const record = run('remove-bank', 'direct');
    expect(metric(record, 'removed')).toBe(0);
    expect(metric(record, 'blockedByKernel')).toBeGreaterThan(0);
    const refusal = record.findings.find(({ operation }) => operation === 'remove memory');
    expect(refusal).toMatchObject({ rule: 'bank-is-empty' });
    expect(refusal?.detail).toContain(`${metric(record, 'blockedByKernel')} frames`);
    expect(refusal?.detail).toMatch(/0x[0-9a-f]+ \(movable\)/u);
    const [host] = record.simulation.hosts;
    expect(host.banks).toHaveLength(2);
    const offline = host.banks[1].size / 16384;
    let free = 0;
    host.heap.forEachChunk((first, frames) => {
      if (first >= host.banks[1].start / 16384) free += frames;
    });
    expect(free).toBeGreaterThan(0);
    expect(free).toBeLessThan(offline);
  });

  it.each(['direct', 'p2m', 'insert'] as const)('is refused under %s for what a device was told of', (model) => {
    const record = run('remove-bank', model, { heldShare: 20 });
    expect(metric(record, 'removed')).toBe(0);
    expect(metric(record, 'blockedByDevice')).toBeGreaterThan(0);
    expect(record.findings.map(({ rule }) => rule)).toContain('not-mapped-for-dma');
  });

  it('blocks on more frames the more of its memory the kernel has, from 0 to 20 %', () => {
    const blocked = [0, 10, 20].map((kernelShare) =>
      metric(run('remove-bank', 'direct', { kernelShare }), 'blockedByKernel'),
    );
    expect(blocked.toSorted((a, b) => a - b)).toEqual(blocked);
    expect(blocked[2]).toBeGreaterThan(blocked[0]);
  });

  it('stops a P2M guest while it goes on, and a nested one only for the copies', () => {
    const [p2m, nested] = (['p2m', 'nested'] as const).map((model) => run('remove-bank', model, {}, 'x86-64-2026'));
    expect(metric(nested, 'removed')).toBe(1);
    expect(metric(p2m, 'stall')).toBeGreaterThan(10 * metric(nested, 'stall'));
  });
});

describe('a removal that is left half-way', () => {
  it.each(['p2m', 'insert'] as const)('goes on to its end under %s: no page moves twice', (model) => {
    const whole = run('remove-bank', model);
    const record = run('interrupted', model);
    expect(metric(record, 'removed')).toBe(1);
    expect(metric(record, 'half')).toBeGreaterThan(0);
    expect(metric(record, 'moved')).toBe(metric(whole, 'moved'));
  });

  it.each(['direct', 'p2m', 'insert'] as const)('is undone under %s: what was out of use is back', (model) => {
    const record = run('interrupted', model, { undo: 1 });
    expect(metric(record, 'removed')).toBe(0);
    expect(metric(record, 'back')).toBe(metric(record, 'half'));
  });
});

it('a bad frame goes at once where the page can move, and stays under P==M where it is the kernel’s', () => {
  const offline = (model: ModelId): number =>
    metric(run('page-offline', model, { frames: 100, kernelShare: 20 }), 'offline');
  expect(offline('direct')).toBeLessThan(100);
  expect([offline('p2m'), offline('insert')]).toEqual([100, 100]);
});

it('rounds of adding and removing leave the host as it was', () => {
  const record = run('cycles', 'insert', { rounds: 3 });
  expect(Object.fromEntries(record.metrics)).toMatchObject({ removed: 100, lost: 0 });
  expect(record.simulation.hosts[0].banks).toHaveLength(1);
});

it('what describes a bank comes out of it: 32 B and 8 B a frame, in chunks of the tables', () => {
  const record = run('add-bank', 'nested', { hole: 4096 }, 'x86-64-2026');
  expect(metric(record, 'tables')).toBe(2 + 2);
  expect(metric(record, 'overhead')).toBeCloseTo((4 / 24) * 100, 9);
});
