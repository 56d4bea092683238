import { describe, expect, it } from 'vitest';
import { hopsBetween, ladderLinks, nodesByDistance, routeBetween } from '../../../engine/numa/topology.js';
import { ladder } from './support.js';

/** Hops by repeated squaring of "one step away", without any route. */
const slowHops = (links: readonly (readonly [number, number])[], nodes: number): number[][] => {
  const far = Array.from({ length: nodes }, (_, a) =>
    Array.from({ length: nodes }, (_, b) => (a === b ? 0 : Infinity)),
  );
  for (const [a, b] of links) far[a][b] = far[b][a] = 1;
  for (let k = 0; k < nodes; k += 1)
    for (let a = 0; a < nodes; a += 1)
      for (let b = 0; b < nodes; b += 1) far[a][b] = Math.min(far[a][b], far[a][k] + far[k][b]);
  return far;
};

describe('the topology of nodes', () => {
  it.each([1, 2, 4, 8])('has shortest routes between %i nodes, each step over a link', (nodes) => {
    const topology = ladder(nodes);
    const linked = new Set(topology.links.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
    const far = slowHops(topology.links, nodes);
    for (let from = 0; from < nodes; from += 1) {
      for (let to = 0; to < nodes; to += 1) {
        const route = routeBetween(topology, from, to);
        expect(hopsBetween(topology, from, to)).toBe(far[from][to]);
        for (let step = 1; step < route.length; step += 1)
          expect(linked).toContain(`${route[step - 1]} ${route[step]}`);
        expect(topology.distances[from][to]).toBe(10 + 6 * far[from][to]);
      }
    }
  });

  it('is a pair, a square, and a ladder whose processors have three links at most', () => {
    expect(ladderLinks(2)).toEqual([[0, 1]]);
    const degrees = (nodes: number): number[] =>
      Array.from({ length: nodes }, (_, node) => ladderLinks(nodes).filter((link) => link.includes(node)).length);
    expect(degrees(4)).toEqual([2, 2, 2, 2]);
    expect(degrees(8)).toEqual([2, 2, 3, 3, 3, 3, 2, 2]);
  });

  it('sorts nodes by distance, the lower number first where two are as far', () => {
    expect(nodesByDistance(ladder(4), 2)).toEqual([2, 0, 3, 1]);
    expect(nodesByDistance(ladder(8), 7)).toEqual([7, 5, 6, 3, 4, 1, 2, 0]);
  });

  it('says so when no links lead there', () => {
    expect(() => routeBetween({ links: [], distances: [] }, 0, 1)).toThrow('no links lead from node 0 to node 1');
  });
});
