import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeVcpus } from '../../../engine/numa/first-processor.js';

/** Nodes of the first processors of guests, on a host with a virtual processor of domain0 on each processor. */
const nodesOf = (guests: number, nodes: number, processors: number, vcpus: number): number[] => {
  const counts = new Uint32Array(nodes * processors).fill(1);
  return Array.from({ length: guests }, () => Math.floor(placeVcpus(counts, vcpus) / processors));
};

describe('the processor of a new virtual processor', () => {
  it('is the highest-numbered of those that have the fewest', () => {
    expect(placeVcpus(Uint32Array.of(1, 1, 1, 1), 1)).toBe(3);
    expect(placeVcpus(Uint32Array.of(2, 1, 1, 2), 1)).toBe(2);
    expect(placeVcpus(Uint32Array.of(0, 1, 1, 1), 1)).toBe(0);
  });

  it('is the one after the last for the others of a domain, from the last on to the first', () => {
    const counts = Uint32Array.of(1, 1, 1, 1);
    expect(placeVcpus(counts, 3)).toBe(3);
    expect([...counts]).toEqual([2, 2, 1, 2]);
  });

  it.each([1, 2])('fills a host from its last node on, a guest a processor, with guests of %i', (vcpus) => {
    expect(nodesOf(15, 8, 4, vcpus)).toEqual([7, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 5, 4, 4, 4]);
  });

  it('leaves no processor with two more than another, where guests have one each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(100), (processors, guests) => {
        const counts = new Uint32Array(processors);
        for (let guest = 0; guest < guests; guest += 1) placeVcpus(counts, 1);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(guests);
      }),
    );
  });
});
