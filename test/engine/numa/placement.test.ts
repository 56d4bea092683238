import { describe, expect, it } from 'vitest';
import { type Domain, type ModelId, audit, buildDomain, isFinding } from '../../../engine/index.js';
import type { AffinitySpec } from '../../../engine/numa/node-affinity.js';
import { nodeOf } from '../../../engine/numa/node-of.js';
import { type ProgramThread, placeProgram, sharesByNode } from '../../../engine/numa/place-program.js';
import { rebalanceByGuest, rebalanceByHypervisor } from '../../../engine/numa/rebalance.js';
import { preferNear } from '../../../engine/numa/prefer-near.js';
import { visibleNodes } from '../../../engine/numa/visible-nodes.js';
import { expectIntact } from '../operations/movement/support.js';
import { costs, hostOf } from '../support.js';
import { nodesPlatform } from './support.js';

const SHOWN: AffinitySpec = { nodes: [0, 1], spread: 'parts', shown: true };
const HIDDEN: AffinitySpec = { nodes: [0, 1], spread: 'parts' };

/** A domain over two nodes of 64 frames; a direct one gets the lowest, which end on the second. */
const domainOver = (model: ModelId, affinity: AffinitySpec): Domain => {
  const host = hostOf(nodesPlatform(2, 64, { costs: costs(1) }));
  const builder = host.simulation.ledger.account('builder');
  const options = model === 'direct' ? ({ access: 'restricted' } as const) : {};
  const domain = buildDomain(host, { name: 'guest', model, options, builder, affinity }, 100);
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

const THREADS: readonly ProgramThread[] = [
  { node: 0, first: 0, pages: 12 },
  { node: 1, first: 12, pages: 12 },
];
const localShares = (domain: Domain): number[] => THREADS.map((thread) => sharesByNode(domain, thread)[thread.node]);
const write = (domain: Domain): void => {
  for (let vpn = 0; vpn < 24; vpn += 1) expect(domain.writePage(vpn)).toBe(null);
};

const SEEN: readonly (readonly [title: string, model: ModelId, affinity: AffinitySpec, how: string])[] = [
  ['P==M', 'direct', HIDDEN, 'natively'],
  ['P2M with a virtual topology', 'p2m', SHOWN, 'virtual'],
  ['VP with a virtual topology', 'insert', SHOWN, 'virtual'],
  ['P2M', 'p2m', HIDDEN, 'not at all'],
  ['VP', 'insert', HIDDEN, 'not at all'],
];

describe.each(SEEN)('%s', (_, model, affinity, how) => {
  it(`sees nodes ${how}, and places by first touch as far as it does`, () => {
    const domain = domainOver(model, affinity);
    expect(visibleNodes(domain).how).toBe(how);
    placeProgram(domain, THREADS, 'first touch');
    if (how === 'not at all') expect(Math.min(...localShares(domain))).toBeLessThan(0.5);
    else expect(localShares(domain)).toEqual([1, 1]);
    write(domain);
    expect(audit(domain.host)).toEqual([]);
  });

  it('spreads pages evenly where it sees nodes, and cannot where it does not', () => {
    const domain = domainOver(model, affinity);
    placeProgram(domain, THREADS, 'interleaved');
    const both = sharesByNode(domain, { node: 0, first: 0, pages: 24 });
    if (how === 'not at all') expect(both).not.toEqual([0.5, 0.5]);
    else expect(both).toEqual([0.5, 0.5]);
  });

  it('rebalances by itself where it sees nodes, with all that it wrote in place; else it says why not', () => {
    const domain = domainOver(model, affinity);
    placeProgram(
      domain,
      THREADS.map(({ node, ...rest }) => ({ node: 1 - node, ...rest })),
      'first touch',
    );
    write(domain);
    const free = domain.free.count;
    const far = localShares(domain).reduce((sum, share) => sum + 12 * (1 - share), 0);
    const result = rebalanceByGuest(domain, THREADS);
    if (how === 'not at all') {
      expect(result).toMatchObject({ operation: 'relocate', rule: 'nodes-visible', model });
      return;
    }
    expect(result).toMatchObject({ moved: far, blocked: [] });
    expect(far).toBe(24);
    expect(localShares(domain)).toEqual([1, 1]);
    expect(domain.free.count).toBe(free);
    expectIntact(domain);
    write(domain);
    expect(audit(domain.host)).toEqual([]);
  });

  it('is rebalanced by the hypervisor where its addresses are not its frames: stopped for it under P2M, behind its back under VP', () => {
    const domain = domainOver(model, affinity);
    placeProgram(
      domain,
      THREADS.map(({ node, ...rest }) => ({ node: 1 - node, ...rest })),
      'first touch',
    );
    write(domain);
    const before = domain.account.count('suspend') + domain.builder.count('suspend');
    const far = localShares(domain).reduce((sum, share) => sum + Math.round(12 * (1 - share)), 0);
    const result = rebalanceByHypervisor(domain, THREADS, domain.builder);
    const stops = domain.account.count('suspend') + domain.builder.count('suspend') - before;
    if (model === 'direct') {
      expect(result.moved).toBe(0);
      expect(result.blocked.map(({ finding }) => finding.rule)).toEqual(
        Array.from({ length: far }, () => 'address-is-frame'),
      );
      return;
    }
    // Each node has 14 frames free, and a move needs the new one before the old one is given back.
    expect(result.moved).toBe(far - result.blocked.length);
    expect(result.blocked.every(({ finding }) => finding.rule === 'heap-has-room')).toBe(true);
    expect(localShares(domain)).toEqual([1, 1]);
    expect(stops > 0).toBe(model === 'p2m');
    expectIntact(domain);
    write(domain);
    expect(audit(domain.host)).toEqual([]);
  });
});

describe('a kernel that knows nodes', () => {
  it('takes the nearest where a node has no frame left', () => {
    const domain = domainOver('direct', HIDDEN);
    placeProgram(domain, [{ node: 1, first: 0, pages: 60 }], 'first touch');
    const [far, near] = sharesByNode(domain, { node: 1, first: 0, pages: 60 });
    expect(near).toBeGreaterThan(0.5);
    expect(far).toBe(1 - near);
  });

  it('leaves a page where it is when no frame is free on the wanted node, and names it', () => {
    const domain = domainOver('direct', HIDDEN);
    placeProgram(domain, [{ node: 0, first: 0, pages: 50 }], 'first touch');
    const result = rebalanceByGuest(domain, [{ node: 1, first: 0, pages: 50 }]);
    if (isFinding(result)) throw new Error(result.detail);
    expect(result.blocked.length).toBe(50 - result.moved);
    expect(result.blocked[0]?.finding.rule).toBe('free-frames');
    expect(audit(domain.host)).toEqual([]);
  });
});

describe('the kernel of a domain whose processor runs on a node', () => {
  it.each(SEEN)('under %s gives out frames near it first, as far as it knows of nodes', (_, model, affinity, how) => {
    const domain = domainOver(model, affinity);
    const before = domain.free.copy();
    preferNear(domain, 1);
    const after = domain.free.copy();
    expect(after.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
    if (how === 'not at all') {
      expect(after).toEqual(before);
    } else {
      const nodes = after.map((pfn) => nodeOf(domain.host, domain.model.machineFrame(pfn)));
      expect(nodes[0]).toBe(1);
      expect(nodes).toEqual(nodes.toSorted((a, b) => b - a));
    }
    expect(audit(domain.host)).toEqual([]);
  });
});
