/** The nodes of a host: processors with memory of their own, joined by links that carry both ways. */
export interface NumaTopology {
  /** Pairs of nodes with a link between them. */
  readonly links: readonly (readonly [one: number, other: number])[];
  /** What the firmware says of a node's distance to each, 10 to itself (the ACPI SLIT). */
  readonly distances: readonly (readonly number[])[];
}

export const nodeCount = ({ distances }: NumaTopology): number => distances.length;

/** All nodes, the given one first and the others by their distance from it; of two as far, the lower number first. */
export const nodesByDistance = (topology: NumaTopology, from: number): readonly number[] => {
  const row = topology.distances[from] ?? [];
  const far = (node: number): number => (node === from ? -1 : (row[node] ?? Infinity));
  return Array.from({ length: nodeCount(topology) }, (_, node) => node).toSorted((a, b) => far(a) - far(b) || a - b);
};

/**
 * The nodes on the way from one to another, both among them: a shortest way, by the lowest numbers where there are several.
 *
 * @throws Error when no links lead there
 */
export const routeBetween = ({ links }: NumaTopology, from: number, to: number): readonly number[] => {
  let ways: (readonly number[])[] = [[from]];
  const seen = new Set([from]);
  while (ways.length > 0) {
    const there = ways.find((way) => way.at(-1) === to);
    if (there !== undefined) return there;
    ways = ways.flatMap((way) =>
      neighboursOf(links, way.at(-1)!)
        .filter((node) => !seen.has(node) && seen.add(node))
        .map((node) => [...way, node]),
    );
  }
  throw new Error(`no links lead from node ${from} to node ${to}`);
};

export const hopsBetween = (topology: NumaTopology, from: number, to: number): number =>
  routeBetween(topology, from, to).length - 1;

const neighboursOf = (links: NumaTopology['links'], node: number): number[] =>
  links.flatMap(([one, other]) => (one === node ? [other] : other === node ? [one] : [])).toSorted((a, b) => a - b);

/** Distances of nodes by the hops between them, 10 for none; the last is taken for all that are farther. */
export const distancesByHops = (
  links: NumaTopology['links'],
  nodes: number,
  byHops: readonly number[],
): NumaTopology['distances'] => {
  const topology = { links, distances: [] };
  const all = Array.from({ length: nodes }, (_, node) => node);
  return all.map((from) => all.map((to) => byHops[Math.min(hopsBetween(topology, from, to), byHops.length - 1)]));
};

/** Links of 2^k nodes: a pair, a square, then a ladder, as processors with three links each were joined. */
export const ladderLinks = (nodes: number): NumaTopology['links'] => {
  const links: [number, number][] = [];
  for (let node = 0; node < nodes; node += 1) {
    if (node % 2 === 0 && node + 1 < nodes) links.push([node, node + 1]);
    if (node + 2 < nodes) links.push([node, node + 2]);
  }
  return links;
};
