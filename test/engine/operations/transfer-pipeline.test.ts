import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Wire } from '../../../engine/devices/wire.js';
import { NO_TIME, type Elapsed } from '../../../engine/operations/critical-path.js';
import { RateLimiter } from '../../../engine/operations/rate-limiter.js';
import type { TransferPath } from '../../../engine/operations/transfer-path.js';
import { TransferPipeline } from '../../../engine/operations/transfer-pipeline.js';

const sum = (elapsed: Elapsed): number => Object.values(elapsed).reduce((all, ns) => all + ns, 0);

/** A wire that takes so long for a page of 1000 bytes, with a delay and a buffer of so many pages. */
const pathOf = (pageNs: number, latencyNs: number, bufferPages: number): TransferPath => ({
  wire: new Wire(8e12 / pageNs),
  ownsWire: true,
  latencyNs,
  pageBytes: 1000,
  bufferPages,
  limiter: null,
  isOneThread: false,
});

interface Service {
  readonly mapNs: number;
  readonly canonicaliseNs: number;
  readonly sendNs: number;
  readonly receiveNs: number;
}

/** Passes pages of one batch through. */
function send(pipeline: TransferPipeline, pages: number, service: Service): void {
  const batch = pipeline.mapping(service.mapNs);
  for (let page = 0; page < pages; page += 1) {
    pipeline.page(batch, pipeline.readStartNs(batch), service);
    pipeline.received(service.receiveNs);
  }
}

function transfer(path: TransferPath, pages: number, service: Service): TransferPipeline {
  const pipeline = new TransferPipeline(path, 0);
  send(pipeline, pages, service);
  return pipeline;
}

describe('what bounds a transfer', () => {
  const quick = { mapNs: 1000, canonicaliseNs: 1, sendNs: 2, receiveNs: 3 };

  test('is the wire where it is the slowest: all pages, after one was mapped and handed over and before it was received', () => {
    const { atNs, elapsed } = transfer(pathOf(100, 50, 4), 20, quick).finish();
    expect(atNs).toBe(1000 + 1 + 2 + 20 * 100 + 50 + 3);
    expect(elapsed).toEqual({ ...NO_TIME, map: 1000, canonicalise: 1, send: 2, wire: 2000, latency: 50, receive: 3 });
  });

  test('is the receiver where it is: the wire counts for the first page alone', () => {
    const { elapsed } = transfer(pathOf(100, 50, 4), 20, { ...quick, receiveNs: 500 }).finish();
    const receive = 10_000;
    expect(elapsed).toEqual({ ...NO_TIME, map: 1000, canonicalise: 1, send: 2, wire: 100, latency: 50, receive });
  });

  test('is the sender where it is', () => {
    const { elapsed } = transfer(pathOf(100, 50, 4), 20, { ...quick, sendNs: 300 }).finish();
    expect(elapsed).toEqual({ ...NO_TIME, map: 1000, canonicalise: 1, send: 6000, wire: 100, latency: 50, receive: 3 });
  });

  test('is the rate limiter where it is: a page of 1000 bytes at 100 Mbit/s, after a burst of 100 KiB', () => {
    const pipeline = transfer({ ...pathOf(1, 0, 4), limiter: new RateLimiter() }, 1000, quick);
    const { limit, wire } = pipeline.finish().elapsed;
    // The first page sets off the first burst; the other 999 need nine more, of 781.25 ms / 100 each.
    expect(limit).toBeCloseTo(9 * 7_812_500 - 999 * 3, -4);
    expect(wire).toBeLessThan(100);
  });

  test('a full buffer makes the sender wait for the wire', () => {
    const pipeline = transfer(pathOf(100, 50, 4), 20, quick);
    const elapsed = pipeline.restart();
    // The last page is read when the wire has sent the sixteenth.
    expect(elapsed).toEqual({ ...NO_TIME, map: 1000, canonicalise: 2, send: 4, wire: 1600 });
    expect(sum(elapsed)).toBe(pipeline.sentNs);
    // The wire still has what was handed over: 4 pages, less what it did of them while the last was read and sent.
    expect(pipeline.finish().elapsed).toEqual({ ...NO_TIME, wire: 397, latency: 50, receive: 3 });
  });

  test('what others have on the same wire is waiting for the wire', () => {
    const path = pathOf(100, 0, 4);
    transfer(path, 10, { ...quick, mapNs: 0, canonicaliseNs: 0, sendNs: 0, receiveNs: 0 });
    const { elapsed } = transfer(path, 1, { ...quick, mapNs: 0 }).finish();
    expect(elapsed).toEqual({ ...NO_TIME, canonicalise: 1, send: 2, wire: 1000 - 3 + 100, receive: 3 });
  });

  test('parts sum to the times since the start and since a new start, whatever the stages take and who shares the wire', () => {
    const ns = fc.integer({ min: 0, max: 400 });
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('batch' as const),
        pages: fc.integer({ min: 0, max: 12 }),
        mapNs: ns,
        unmapNs: ns,
      }),
      fc.record({ kind: fc.constant('others' as const), pages: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('hold' as const), ns }),
      fc.record({ kind: fc.constant('restart' as const), restNs: ns }),
    );
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 400 }), ns, fc.integer({ min: 1, max: 5 }), fc.boolean(), fc.boolean()),
        fc.record({ canonicaliseNs: ns, sendNs: ns, receiveNs: ns }),
        fc.array(step, { maxLength: 12 }),
        ([pageNs, latencyNs, bufferPages, isLimited, isOneThread], service, steps) => {
          const limiter = isLimited ? new RateLimiter() : null;
          const path = { ...pathOf(pageNs, latencyNs, bufferPages), limiter, isOneThread };
          const pipeline = new TransferPipeline(path, 7);
          let startNs = 7;
          for (const each of steps) {
            if (each.kind === 'hold') pipeline.hold('harvest', each.ns);
            else if (each.kind === 'others') path.wire.carry(each.pages * 1000, pipeline.sentNs);
            else if (each.kind === 'restart') {
              const sentNs = pipeline.sentNs;
              expect(sum(pipeline.restart(sentNs + each.restNs))).toBeCloseTo(sentNs - startNs, 3);
              startNs = sentNs + each.restNs;
            } else {
              send(pipeline, each.pages, { ...service, mapNs: each.mapNs });
              pipeline.unmapping(each.unmapNs);
              pipeline.receiving(each.unmapNs);
            }
          }
          const { atNs, elapsed } = pipeline.finish();
          expect(sum(elapsed)).toBeCloseTo(atNs - startNs, 3);
          expect(Math.min(...Object.values(elapsed))).toBeGreaterThanOrEqual(-1e-6);
        },
      ),
      { numRuns: 400 },
    );
  });
});
