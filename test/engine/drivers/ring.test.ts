import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring, ringSlots } from '../../../engine/drivers/ring.js';

const slot = (id: number) => ({ id, reference: id + 100, stamp: id + 1000 });

describe('a ring', () => {
  it.each([
    [4096, 12, 256],
    [4096, 112, 32],
    [16384, 12, 1024],
  ])('of a page of %i bytes has for slots of %i bytes %i of them', (pageBytes, slotBytes, slots) => {
    // 256 and 32 are the sizes of Xen's network and block rings.
    expect(ringSlots(pageBytes, slotBytes)).toBe(slots);
  });

  it('is told of once for a burst: only the request that passes the event index notifies', () => {
    const ring = new Ring(8);
    ring.putRequest(slot(0));
    expect(ring.pushRequests()).toBe(true);
    ring.putRequest(slot(1));
    expect(ring.pushRequests()).toBe(false);
    expect([ring.takeRequest(), ring.takeRequest(), ring.takeRequest()]).toEqual([slot(0), slot(1), null]);
    ring.putRequest(slot(2));
    ring.putRequest(slot(3));
    expect(ring.pushRequests()).toBe(true);
  });

  it('takes no more requests than it has slots until responses are taken', () => {
    const ring = new Ring(2);
    ring.putRequest(slot(0));
    ring.putRequest(slot(1));
    expect(() => ring.putRequest(slot(2))).toThrow('full');
    ring.pushRequests();
    ring.takeRequest();
    ring.putResponse(slot(0));
    expect(() => ring.putResponse(slot(0))).toThrow('without a request');
    ring.pushResponses();
    expect(ring.freeSlots).toBe(0);
    ring.takeResponse();
    expect(ring.freeSlots).toBe(1);
  });

  it('gives requests and responses in order, once, and wakes whoever waits, over the end of its indices', () => {
    const acts = fc.array(fc.tuple(fc.constantFrom('put', 'push', 'take', 'answer', 'publish', 'reap'), fc.nat(5)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(acts, fc.constantFrom(0, 2 ** 32 - 5), (sequence, start) => {
        const size = 4;
        const ring = new Ring(size, start);
        const queue = { put: [] as number[], requests: [] as number[], taken: [] as number[] };
        const answers = { put: [] as number[], published: [] as number[] };
        let next = 0;
        let backendAsleep = true;
        let frontendAsleep = true;
        for (const [act] of sequence) {
          const inRing = [queue.put, queue.requests, queue.taken, answers.put, answers.published].flat().length;
          if (act === 'put' && inRing < size) {
            ring.putRequest(slot(next));
            queue.put.push(next++);
          } else if (act === 'push') {
            const told = ring.pushRequests();
            if (queue.put.length > 0 && backendAsleep) expect(told).toBe(true);
            if (queue.put.length === 0) expect(told).toBe(false);
            if (told) backendAsleep = false;
            queue.requests.push(...queue.put.splice(0));
          } else if (act === 'take') {
            const expected = queue.requests.shift();
            expect(ring.takeRequest()).toEqual(expected === undefined ? null : slot(expected));
            if (expected === undefined) backendAsleep = true;
            else queue.taken.push(expected);
          } else if (act === 'answer' && queue.taken.length > 0) {
            const id = queue.taken.shift()!;
            ring.putResponse(slot(id));
            answers.put.push(id);
          } else if (act === 'publish') {
            const told = ring.pushResponses();
            if (answers.put.length > 0 && frontendAsleep) expect(told).toBe(true);
            if (told) frontendAsleep = false;
            answers.published.push(...answers.put.splice(0));
          } else if (act === 'reap') {
            const expected = answers.published.shift();
            expect(ring.takeResponse()).toEqual(expected === undefined ? null : slot(expected));
            if (expected === undefined) frontendAsleep = true;
          }
        }
      }),
      { seed: 2006, numRuns: 300 },
    );
  });
});
