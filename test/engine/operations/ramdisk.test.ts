import { describe, expect, it } from 'vitest';
import { type Domain, type ModelId, audit, buildDomain, destroyDomain, isFinding } from '../../../engine/index.js';
import { nodesPlatform } from '../numa/support.js';
import { hostOf } from '../support.js';

/** A domain0 on node 0 of two nodes of 64 frames, with a ramdisk of eight pages. */
const domain0With = (model: ModelId, ramdiskPages: number, pages = 40): Domain => {
  const host = hostOf(nodesPlatform(2, 64));
  const builder = host.simulation.ledger.account('builder');
  const affinity = { nodes: [0], spread: 'allocations' } as const;
  const domain = buildDomain(host, { name: 'domain0', model, builder, affinity, ramdiskPages }, pages);
  if (isFinding(domain)) throw new Error(`${domain.rule}: ${domain.detail}`);
  return domain;
};

const machineFrames = ({ model }: Domain): number[] => model.ownedFrames().map((pfn) => model.machineFrame(pfn));

/** The second bank is 64 frames after a hole of 64. */
const TOP = 192;

describe('a ramdisk at the top of memory', () => {
  it('is given to a P2M domain where it lies, as a part of its memory, with what it holds', () => {
    const domain = domain0With('p2m', 8);
    const mfns = machineFrames(domain);
    expect(mfns.length).toBe(40);
    expect(mfns.slice(32)).toEqual(Array.from({ length: 8 }, (_, page) => TOP - 8 + page));
    expect(Math.max(...mfns.slice(0, 32))).toBeLessThan(64);
    expect(domain.free.count).toBe(40);
    expect(audit(domain.host)).toEqual([]);
  });

  it('lies below what boot took there first', () => {
    const host = hostOf(nodesPlatform(2, 64));
    const builder = host.simulation.ledger.account('builder');
    const affinity = { nodes: [1], spread: 'allocations' } as const;
    const other = buildDomain(host, { name: 'other', model: 'p2m', builder, affinity }, 20);
    if (isFinding(other)) throw new Error(other.detail);
    const free = Array.from({ length: 64 }, (_, at) => 128 + at).filter((mfn) => !machineFrames(other).includes(mfn));
    const domain = buildDomain(host, { name: 'domain0', model: 'p2m', builder, ramdiskPages: 8 }, 40);
    if (isFinding(domain)) throw new Error(domain.detail);
    const ramdisk = machineFrames(domain).slice(32);
    const higher = free.filter((mfn) => mfn > ramdisk[7]);
    expect(ramdisk).toEqual(ramdisk.map((_, page) => ramdisk[0] + page));
    expect(higher.length).toBeLessThan(8);
    expect(audit(host)).toEqual([]);
  });

  it.each(['direct', 'insert'] as const)('is copied into memory of its own under %s', (model) => {
    const domain = domain0With(model, 8);
    expect(machineFrames(domain)).toEqual(machineFrames(domain0With(model, 0)));
    expect(audit(domain.host)).toEqual([]);
  });

  it('is refused where no run of free frames holds it, and goes back to the heap where the rest does not fit', () => {
    expect(() => domain0With('p2m', 65)).toThrow('room-for-ramdisk');
    const host = hostOf(nodesPlatform(2, 64));
    const free = host.heap.freeFrames;
    const builder = host.simulation.ledger.account('builder');
    const refused = buildDomain(host, { name: 'domain0', model: 'p2m', builder, ramdiskPages: 8 }, 130);
    expect(refused).toMatchObject({ operation: 'build', rule: 'heap-has-room' });
    expect(host.heap.freeFrames).toBe(free);
    const domain = domain0With('p2m', 8);
    const all = domain.host.heap.freeFrames + 40;
    expect(destroyDomain(domain, domain.builder)).toBe(null);
    expect(domain.host.heap.freeFrames).toBe(all);
    expect(audit(domain.host)).toEqual([]);
  });
});
