import { hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { NodeHeap } from '../numa/node-heap.js';
import { nodeOf } from '../numa/node-of.js';
import type { Violation } from './violation.js';

/** Every free chunk lies in the heap of the node that its frames belong to, whole. */
export const auditNodes = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  if (!(host.heap instanceof NodeHeap)) return violations;
  host.heap.forEachChunkOfNode((node, first, frames) => {
    for (const end of [first, first + frames - 1]) {
      const real = nodeOf(host, end as typeof first);
      if (real === node) continue;
      violations.push({ rule: 'nodes', detail: `free frame ${hex(end)} of node ${real} is in the heap of ${node}` });
    }
  });
  return violations;
};
