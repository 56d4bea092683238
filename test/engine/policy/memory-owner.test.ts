import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  MemoryOwner,
  type ModelId,
  NO_FRAME,
  asMfn,
  audit,
  buildDomain,
  destroyDomain,
  isFinding,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../engine/index.js';
import { FrameState } from '../../../engine/host/frame-table.js';
import { domainOn, hostOf, platformOf, radixPlatformOf } from '../support.js';

const FRAMES = 256;
const KEEPS = 16;

/** A host whose control domain owns all but some frames. */
const ownedHost = (model: ModelId, reserve = 32): { host: Host; owner: MemoryOwner } => {
  const isRadix = model === 'nested' || model === 'shadow';
  const host = hostOf(isRadix ? radixPlatformOf([[0, FRAMES]]) : platformOf([[0, FRAMES]]));
  const control = domainOn(host, 'control', model, FRAMES - reserve - (isRadix ? 32 : 0));
  host.memoryOwner = new MemoryOwner(control, { keeps: KEEPS, reserve: host.heap.freeFrames });
  return { host, owner: host.memoryOwner };
};

const guestOn = (host: Host, name: string, model: ModelId, pages: number): Domain | null => {
  const { account } = host.memoryOwner!.domain;
  const guest = buildDomain(host, { name, model, builder: account }, pages);
  return isFinding(guest) ? null : guest;
};

const machineFrames = ({ model }: Domain): number[] => model.ownedFrames().map((pfn) => model.machineFrame(pfn));

/** Frames that are the owner's, and those that the hypervisor has for its tables: to split a large page takes one. */
const framesFor = ({ domain }: MemoryOwner): number => {
  const { frames } = domain.host;
  let reserved = 0;
  frames.forEachInstalled((mfn) => (reserved += frames.state(mfn) === FrameState.reserved ? 1 : 0));
  return machineFrames(domain).length + reserved;
};

const OWNERS: readonly ModelId[] = ['direct', 'p2m', 'insert', 'nested'];
const guestModel = (owner: ModelId): ModelId => (owner === 'nested' ? 'nested' : 'insert');

describe.each(OWNERS)('%s domain0 owns all memory but a reserve', (model) => {
  it('a guest has frames that the owner had, and what is free stays the reserve', () => {
    const { host, owner } = ownedHost(model);
    const before = new Set(machineFrames(owner.domain));
    const reserve = host.heap.freeFrames;
    const guest = guestOn(host, 'guest', guestModel(model), 24)!;
    const given = machineFrames(guest);
    expect(given.every((mfn) => before.has(mfn))).toBe(true);
    expect(machineFrames(owner.domain).filter((mfn) => given.includes(mfn))).toEqual([]);
    expect(host.heap.freeFrames).toBeLessThanOrEqual(reserve);
    expect(audit(host)).toEqual([]);
  });

  it('what a destroyed guest had comes back, the very frames under P==M', () => {
    const { host, owner } = ownedHost(model);
    const before = machineFrames(owner.domain).toSorted((a, b) => a - b);
    const total = framesFor(owner);
    const guest = guestOn(host, 'guest', guestModel(model), 24)!;
    expect(owner.takeBack()).toBe(0);
    expect(destroyDomain(guest, owner.domain.account)).toBe(null);
    owner.takeBack();
    expect(framesFor(owner)).toBe(total);
    const after = machineFrames(owner.domain).toSorted((a, b) => a - b);
    if (model === 'direct') expect(after).toEqual(before);
    expect(audit(host)).toEqual([]);
  });

  it('gives no frame that it needs itself, and never one that it does not own', () => {
    const { host, owner } = ownedHost(model);
    const spare = owner.spareFrames;
    expect(guestOn(host, 'large', guestModel(model), spare + 1)).toBe(null);
    owner.takeBack();
    const guest = guestOn(host, 'guest', guestModel(model), 8)!;
    for (const mfn of machineFrames(guest)) expect(owner.allocateAt(asMfn(mfn), 0, guest)).toBe(false);
    host.heap.forEachChunk((first) => expect(owner.allocateAt(first, 0, guest)).toBe(false));
    expect(audit(host)).toEqual([]);
  });

  it('holds all rules after any order of building, destroying, giving back and asking again', () => {
    const step = fc.record({ kind: fc.constantFrom('build', 'destroy', 'turn over', 'take back'), at: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
        const { host, owner } = ownedHost(model);
        const total = framesFor(owner);
        const guests: Domain[] = [];
        steps.forEach(({ kind, at }, index) => {
          const guest = guests[at % Math.max(1, guests.length)];
          if (kind === 'build') {
            const built = guestOn(host, `guest ${index}`, guestModel(model), 8 + 4 * at);
            if (built !== null) guests.push(built);
          } else if (kind === 'destroy' && guest !== undefined) {
            expect(destroyDomain(guest, owner.domain.account)).toBe(null);
            guests.splice(guests.indexOf(guest), 1);
          } else if (kind === 'turn over' && guest !== undefined) {
            guest.balloon.out();
            owner.takeBack();
            for (const pfn of guest.balloon.frames) guest.balloon.in(pfn);
          } else owner.takeBack();
          expect(audit(host)).toEqual([]);
        });
        for (const guest of guests) destroyDomain(guest, owner.domain.account);
        owner.takeBack();
        expect(framesFor(owner)).toBe(total);
      }),
      { numRuns: 15 },
    );
  });

  it('goes on after a checkpoint as it would have without', () => {
    const { host } = ownedHost(model);
    guestOn(host, 'guest', guestModel(model), 12);
    const { simulation } = host;
    const bytes = saveCheckpoint(simulation);
    const [restored] = restoreCheckpoint(bytes, { platform: simulation.platform }).hosts;
    const [one, other] = [host, restored].map((each) => {
      const taker = each.domains.get(2)!;
      return [each.allocate(taker, 0), each.memoryOwner!.spareFrames, each.memoryOwner!.rules];
    });
    expect(other).toEqual(one);
    expect(one[0]).not.toBe(NO_FRAME);
  });
});

it('the owner gets at nothing of the reserve', () => {
  const { host, owner } = ownedHost('p2m');
  const guest = guestOn(host, 'guest', 'insert', 8)!;
  const wanted = owner.domain.balloon.frames;
  expect(wanted.length).toBe(8);
  expect(wanted.map((pfn) => owner.domain.balloon.in(pfn)?.rule)).toEqual(wanted.map(() => 'heap-has-room'));
  const { rules } = owner;
  expect(host.heap.freeFrames).toBe(rules.reserve);
  expect(guest.model.ownedFrames().length).toBe(8);
});
