import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audit, buildDomain, isFinding, plugBank, restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import type { Domain, Host, ModelId } from '../../../engine/index.js';
import { NO_FRAME, asMfn } from '../../../engine/host/frame-number.js';
import { NodeHeap } from '../../../engine/numa/node-heap.js';
import type { AffinitySpec } from '../../../engine/numa/node-affinity.js';
import { nodeOf } from '../../../engine/numa/node-of.js';
import { PAGE, hostOf } from '../support.js';
import { hostWithNodes, ladder, nodesPlatform } from './support.js';

const nodeOfFrame = (mfn: number): number => Math.floor(mfn / 128);
const heapOf = (nodes: number, frames: number): NodeHeap => {
  const heap = new NodeHeap(ladder(nodes), nodeOfFrame);
  for (let node = 0; node < nodes; node += 1) heap.addRange(asMfn(node * 128), frames);
  return heap;
};

const built = (host: Host, pages: number, affinity?: AffinitySpec, model: ModelId = 'insert'): Domain => {
  const builder = host.simulation.ledger.account('builder');
  const spec = { name: 'guest', model, builder, ...(affinity === undefined ? {} : { affinity }) };
  const domain = buildDomain(host, spec, pages);
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

/** Pages of a domain on each node, in the order of its guest frames. */
const nodesOf = (domain: Domain): number[] =>
  domain.model.ownedFrames().map((pfn) => nodeOf(domain.host, domain.model.machineFrame(pfn)));
const countsOf = (domain: Domain, nodes: number): number[] =>
  Array.from({ length: nodes }, (_, node) => nodesOf(domain).filter((each) => each === node).length);

describe('a heap of nodes', () => {
  it('gives memory of the wanted nodes in their order, then of the one nearest to the first, until nothing is left', () => {
    const heap = heapOf(4, 4);
    const order = Array.from({ length: 17 }, () => heap.allocateOn(0, [3, 0]));
    expect(order.map((mfn) => (mfn === NO_FRAME ? 'none' : nodeOfFrame(mfn)))).toEqual([
      3,
      3,
      3,
      3,
      0,
      0,
      0,
      0,
      1,
      1,
      1,
      1,
      2,
      2,
      2,
      2,
      'none',
    ]);
  });

  it('takes a chunk far away before two small ones near by, as the order was asked for', () => {
    const heap = heapOf(2, 6);
    expect(nodeOfFrame(heap.allocateOn(2, [0]))).toBe(0);
    expect(nodeOfFrame(heap.allocateOn(2, [0]))).toBe(1);
    expect(heap.freeOn(0)).toBe(2);
  });

  it('never merges or loses frames across nodes', () => {
    const ask = fc.record({ order: fc.nat(3), node: fc.nat(3), frees: fc.boolean() });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 80 }), (asks) => {
        const heap = heapOf(4, 100);
        const held: { first: number; order: number }[] = [];
        let free = 400;
        for (const { order, node, frees } of asks) {
          const back = frees ? held.pop() : undefined;
          if (back !== undefined) {
            heap.free(asMfn(back.first), back.order);
            free += 2 ** back.order;
            continue;
          }
          const first = heap.allocateOn(order, [node]);
          if (first === NO_FRAME) continue;
          expect(nodeOfFrame(first)).toBe(nodeOfFrame(first + 2 ** order - 1));
          held.push({ first, order });
          free -= 2 ** order;
        }
        expect(heap.freeFrames).toBe(free);
        let listed = 0;
        heap.forEachChunkOfNode((node, first, frames) => {
          listed += frames;
          expect([nodeOfFrame(first), nodeOfFrame(first + frames - 1)]).toEqual([node, node]);
        });
        expect(listed).toBe(free);
      }),
    );
  });
});

describe('the affinity of a domain', () => {
  it('takes memory from all nodes in turn where nobody says, as a blind hypervisor does', () => {
    expect(countsOf(built(hostWithNodes(4, 64), 40), 4)).toEqual([10, 10, 10, 10]);
  });

  it('keeps to one node while that has room, and goes to the nearest then', () => {
    const domain = built(hostWithNodes(4, 64), 100, { nodes: [2], spread: 'allocations' });
    expect(countsOf(domain, 4)).toEqual([36, 0, 64, 0]);
    expect(audit(domain.host)).toEqual([]);
  });

  it('spreads page by page under every model that can have any frame', () => {
    const spread = { nodes: [0, 1], spread: 'pages' } as const;
    for (const model of ['insert', 'p2m'] as const) {
      expect(nodesOf(built(hostWithNodes(2, 64), 8, spread, model))).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    }
  });

  it('gives each part of the memory from its own node under every model that can have any frame', () => {
    const parts = { nodes: [1, 3], spread: 'parts' } as const;
    for (const model of ['insert', 'p2m'] as const) {
      expect(nodesOf(built(hostWithNodes(4, 64), 11, parts, model))).toEqual([1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3]);
    }
  });

  it('says nothing under P==M, whose memory is the lowest that is free', () => {
    const domain = built(hostWithNodes(2, 64), 80, { nodes: [1], spread: 'allocations' }, 'direct');
    expect(countsOf(domain, 2)).toEqual([64, 16]);
  });

  it('goes on where it was after a checkpoint', () => {
    const platform = nodesPlatform(4, 64);
    const host = hostOf(platform);
    const domain = built(host, 6);
    const bytes = saveCheckpoint(host.simulation);
    const [again] = restoreCheckpoint(bytes, { platform }).hosts;
    const twin = again.domains.get(domain.id)!;
    const next = (one: Domain): number[] => [0, 1, 2].map(() => one.host.allocate(one, 0));
    expect(next(twin)).toEqual(next(domain));
    expect(twin.affinity!.spec).toEqual(domain.affinity!.spec);
  });
});

describe('nodes of a host', () => {
  it('a bank is plugged into a node that is there, and its frames go to that node', () => {
    const host = hostWithNodes(2, 64);
    const payer = host.simulation.ledger.account('payer');
    const bank = { start: 4096 * PAGE, size: 32 * PAGE, node: 1 };
    expect(isFinding(plugBank(host, bank, payer))).toBe(false);
    expect((host.heap as NodeHeap).freeOn(1)).toBe(96);
    expect(audit(host)).toEqual([]);
    expect(plugBank(host, { ...bank, start: 8192 * PAGE, node: 2 }, payer)).toMatchObject({ rule: 'node-is-known' });
  });

  it('the audit finds a free frame in the heap of another node', () => {
    const host = hostWithNodes(2, 64);
    const banks = host.banks.map((bank) => ({ ...bank, node: 1 - bank.node! }));
    host.setBanks(banks);
    expect(audit(host).map(({ rule }) => rule)).toContain('nodes');
  });
});
