import { describe, expect, it } from 'vitest';
import type { RunFrameMap } from '../../contracts/frame-map.js';
import { caseOf, runMemory, workloadOf } from './memory-suites.js';

/** Frames that an owner has in all banks, or in those that begin at a frame or above. */
const framesOf = ({ owners, banks }: RunFrameMap, name: string, from = 0): number => {
  const number = owners.findIndex((each) => each.name === name);
  return number < 0 ? 0 : banks.reduce((sum, { first, counts }) => sum + (first < from ? 0 : (counts[number] ?? 0)), 0);
};
const installed = ({ banks }: RunFrameMap): number => banks.reduce((sum, { frames }) => sum + frames, 0);

describe('frame maps of workloads', () => {
  const remove = (model: 'direct' | 'insert') =>
    runMemory(workloadOf('hot-plug/remove-bank'), caseOf('ia64-2006', 'control', model), { memory: 32, bankSize: 24 });

  it('count every installed frame once, before and after', () => {
    const { frameMaps, simulation } = remove('direct');
    expect(frameMaps.map(({ moment }) => moment)).toEqual(['before', 'after']);
    for (const map of frameMaps)
      for (const { frames, counts, cells } of map.banks) {
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(frames);
        expect(cells.reduce((sum, [count]) => sum + count, 0)).toBe(Math.ceil(frames / map.cellFrames));
      }
    expect(installed(frameMaps[1])).toBe(simulation.hosts[0].installedFrames);
  });

  it('under P==M show in the bank, once it was refused, the frames that block it and no others', () => {
    const record = remove('direct');
    const [, after] = record.frameMaps;
    const { first } = after.banks[1];
    expect(record.metrics.get('blockedByKernel')).toBeGreaterThan(0);
    expect(framesOf(after, 'control', first)).toBe(record.metrics.get('blockedByKernel'));
  });

  it('under VP have no bank any more that was taken out, and as much of the domain as before', () => {
    const [before, after] = remove('insert').frameMaps;
    expect([before.banks.length, after.banks.length]).toEqual([2, 1]);
    expect(framesOf(after, 'control')).toBe(framesOf(before, 'control'));
  });

  it.each(['first-touch', 'blind'])('of %s have near the thread what its accesses find near', (id) => {
    const record = runMemory(workloadOf(`numa/${id}`), caseOf('altix-2006', 'guest', 'insert'), {
      nodeMemory: 128,
      guestMemory: 64,
      threadMemory: 4,
      passes: 1,
    });
    const [before, after] = record.frameMaps;
    const near = framesOf(after, 'near the thread that uses it');
    const far = framesOf(after, 'far from the thread that uses it');
    expect((near / (near + far)) * 100).toBeCloseTo(record.metrics.get('localShare')!, 9);
    expect(near + far + framesOf(after, 'guest')).toBe(framesOf(before, 'guest'));
    expect(after.banks.map(({ node }) => node)).toEqual([0, 1, 2, 3]);
  });
});
