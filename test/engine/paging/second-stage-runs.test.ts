import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FRAME } from '../../../engine/host/frame-number.js';
import { SecondStageFrames } from '../../../engine/models/second-stage-frames.js';
import { ARM64_4K } from '../../../engine/paging/format.js';
import { RadixTable } from '../../../engine/paging/radix-table.js';
import { SecondStage } from '../../../engine/paging/second-stage.js';
import { MachineTableFrames } from '../../../engine/paging/table-frames.js';
import { hostOf, platformOf } from '../support.js';

const stageOn = () => {
  const host = hostOf(platformOf([[0, 4096]]));
  const frames = new SecondStageFrames(host, 1, { rootFrom: 'heap', othersFrom: 'heap' });
  const table = new RadixTable(ARM64_4K, new MachineTableFrames(ARM64_4K, frames, host.tables), NO_FRAME);
  const flushed: number[] = [];
  const stage = new SecondStage(table, { guestFrame: (frame) => void flushed.push(frame), machine() {} });
  table.makeRoot();
  return { host, stage, flushed };
};

const ordersOf = (stage: SecondStage): number[] => {
  const orders: number[] = [];
  stage.forEachEntry(({ order }) => orders.push(order));
  return orders;
};

describe('the second stage of a run', () => {
  it('maps it in the largest entries that fit its start and what is still to go', () => {
    const { stage } = stageOn();
    stage.mapRun(0, 0, 2 ** 18);
    stage.mapRun(2 ** 18, 2 ** 18, 1024);
    expect(ordersOf(stage)).toEqual([18, 9, 9]);
    expect(stage.tableFrames()).toHaveLength(3);
    const odd = stageOn().stage;
    odd.mapRun(0, 0, 2 ** 18 + 512);
    expect(ordersOf(odd)).toEqual(Array(513).fill(9));
  });

  it('maps it in single pages throughout, when its size and its start are never aligned at once', () => {
    const { stage } = stageOn();
    stage.mapDevice(512, 1024 + 16);
    expect(ordersOf(stage)).toEqual(Array(1040).fill(0));
  });

  it('maps the window of a device that lies above what an entry has room for, at its own address', () => {
    const { stage } = stageOn();
    stage.mapDevice(2 ** 27 + 512, 512);
    stage.forEachEntry((entry) =>
      expect(entry).toEqual({ pfn: 2 ** 27 + 512, mfn: 2 ** 27 + 512, order: 9, kind: 'device', writable: true }),
    );
    expect(stage.machineFrame(2 ** 27 + 700)).toBe(2 ** 27 + 700);
  });

  it('breaks the one entry that loses a page, and does not heal when the page is back', () => {
    const { host, stage } = stageOn();
    stage.mapRun(0, 0, 1024);
    const before = host.heap.freeFrames;
    for (const pages of [[700], [701, 702]]) {
      for (const page of pages) stage.takeOut(page);
      expect(ordersOf(stage).filter((order) => order === 9)).toHaveLength(1);
      expect(host.heap.freeFrames).toBe(before - 1);
    }
    for (const page of [700, 701, 702]) stage.put(page, page);
    expect(ordersOf(stage).filter((order) => order === 0)).toHaveLength(512);
    expect(host.heap.freeFrames).toBe(before - 1);
  });

  it('flushes what a page had a part in when it goes or changes, and nothing when it comes', () => {
    const { stage, flushed } = stageOn();
    stage.put(7, 70);
    expect(flushed).toEqual([]);
    stage.put(7, 71);
    stage.takeOut(7);
    stage.takeOut(7);
    expect(flushed).toEqual([7, 7]);
  });

  it('gives each guest frame what was last mapped there, and all table pages back', () => {
    const operation = fc.record({ page: fc.nat(4095), frame: fc.nat(4095), out: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
        const { host, stage } = stageOn();
        const free = host.heap.freeFrames + 1;
        stage.mapRun(0, 0, 4096);
        const reference = new Map(Array.from({ length: 4096 }, (_, page) => [page, page]));
        for (const { page, frame, out } of operations) {
          if (out) stage.takeOut(page);
          else stage.put(page, frame);
          if (out) reference.delete(page);
          else reference.set(page, frame);
        }
        for (let page = 0; page < 4096; page += 1)
          expect(stage.machineFrame(page)).toBe(reference.get(page) ?? NO_FRAME);
        stage.table.release();
        expect(host.heap.freeFrames).toBe(free);
      }),
      { numRuns: 20 },
    );
  });
});
