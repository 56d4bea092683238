import { describe, expect, it } from 'vitest';
import { beginLogDirty, harvestDirty } from '../../engine/operations/log-dirty.js';
import { tickingGuest } from '../../validation/scenes/ticking-guest.js';

describe('what a guest writes by itself', () => {
  it('is in the dirty log beside what the writer wrote, as many pages a stretch as were asked for, and none of them twice', () => {
    const background = [
      { untilNs: 100e6, pages: 7 },
      { untilNs: 350e6, pages: 3 },
      { untilNs: 400e6, pages: 0 },
    ];
    const { simulation, guest, control, backgroundFrames } = tickingGuest(5, 50e6, background);
    beginLogDirty(control, guest, () => {});
    const harvests = background.map(({ untilNs }) => {
      simulation.clock.advanceTo(untilNs);
      const dirty = harvestDirty(control, guest, () => {});
      return [dirty.length, dirty.filter((pfn) => backgroundFrames.has(pfn)).length];
    });
    // Ticks at 50, 150, 250 and 350 ms.
    expect(harvests).toEqual([
      [5 + 7, 7],
      [15 + 3, 3],
      [0, 0],
    ]);
  });

  it('is spread over its stretch', () => {
    const { simulation, guest, control } = tickingGuest(0, 50e6, [{ untilNs: 100e6, pages: 10 }]);
    beginLogDirty(control, guest, () => {});
    const harvests = [20, 50, 99, 200].map((ms) => {
      simulation.clock.advanceTo(ms * 1e6);
      return harvestDirty(control, guest, () => {}).length;
    });
    expect(harvests).toEqual([2, 3, 5, 0]);
  });
});
