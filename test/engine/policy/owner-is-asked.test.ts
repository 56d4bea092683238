import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  MemoryOwner,
  type ModelId,
  type Pfn,
  asMfn,
  audit,
  buildDomain,
  isFinding,
  offlineFrame,
  plugBank,
} from '../../../engine/index.js';
import { FrameState } from '../../../engine/host/frame-table.js';
import { exchangeContiguous } from '../../../engine/operations/exchange.js';
import { expectIntact } from '../operations/movement/support.js';
import { domainOn, hostOf, platformOf, radixPlatformOf } from '../support.js';

const FRAMES = 256;
const KEEPS = 16;

/** A host whose control domain owns all but a reserve; it has given a guest some frames and knows of them. */
const ownedHost = (model: ModelId): { host: Host; owner: MemoryOwner; guest: Domain; reserve: number } => {
  const isRadix = model === 'nested';
  const host = hostOf(isRadix ? radixPlatformOf([[0, FRAMES]]) : platformOf([[0, FRAMES]]));
  const control = domainOn(host, 'control', model, FRAMES - 32 - (isRadix ? 32 : 0));
  const owner = new MemoryOwner(control, { keeps: KEEPS, reserve: host.heap.freeFrames });
  host.memoryOwner = owner;
  const guest = guestOn(host, 'guest', isRadix ? 'nested' : 'insert', 24);
  owner.refill();
  return { host, owner, guest, reserve: owner.rules.reserve };
};

const guestOn = (host: Host, name: string, model: ModelId, pages: number): Domain => {
  const builder = host.memoryOwner!.domain.account;
  const guest = buildDomain(host, { name, model, builder }, pages);
  if (isFinding(guest)) throw new Error(guest.detail);
  return guest;
};

const machineFrames = ({ model }: Domain): number[] => model.ownedFrames().map((pfn) => model.machineFrame(pfn));
const operations = ({ domain }: MemoryOwner): number => domain.account.count('memoryOperation');

/** One, and under P==M another behind each frame that a guest still has, as far as it goes on. */
const operationsToTakeBack = ({ domain }: MemoryOwner): number => {
  if (domain.model.id !== 'direct') return 1;
  const { heap } = domain.host;
  let [left, ended, count] = [5, true, 0];
  for (const pfn of domain.balloon.frames) {
    if (left === 0) break;
    if (ended) count += 1;
    ended = !heap.isFree(asMfn(pfn));
    if (!ended) left -= 1;
  }
  return count;
};

describe.each(['direct', 'p2m', 'insert', 'nested'] as const)('%s domain0 owns memory', (model) => {
  const guestModel = model === 'nested' ? 'nested' : 'insert';

  it('names the frames of a guest by one operation for 512, not by a hypercall each', () => {
    const { host, owner, guest } = ownedHost(model);
    const [before, hypercalls] = [operations(owner), owner.domain.account.count('hypercall')];
    guestOn(host, 'other', guestModel, 20);
    expect(operations(owner) - before).toBe(1);
    owner.refill();
    guest.free.set(guest.free.copy().toReversed());
    for (let page = 0; page < 5; page += 1) expect(isFinding(guest.balloon.out())).toBe(false);
    owner.refill();
    const then = operations(owner);
    const expected = operationsToTakeBack(owner);
    expect(owner.takeBack()).toBeGreaterThan(0);
    expect(operations(owner) - then).toBe(expected);
    expect(owner.domain.account.count('hypercall')).toBe(hypercalls);
  });

  it('gives the frame that a page of a guest goes to when its own goes bad', () => {
    const { host, owner, guest, reserve } = ownedHost(model);
    const owners = new Set(machineFrames(owner.domain));
    const [pfn] = guest.model.ownedFrames();
    const bad = guest.model.machineFrame(pfn);
    expect(offlineFrame({ host, mfn: bad, payer: owner.domain.account })).toBe(null);
    expect(host.frames.state(bad)).toBe(FrameState.offlined);
    expect(owners.has(guest.model.machineFrame(pfn))).toBe(true);
    expect(host.heap.freeFrames).toBe(reserve);
    expectIntact(guest);
    expect(audit(host)).toEqual([]);
  });

  it('leaves a frame of its own that goes bad, for one that it has', () => {
    const { host, owner, reserve } = ownedHost(model);
    const bad = owner.domain.model.machineFrame(owner.domain.free.copy()[0]);
    const before = machineFrames(owner.domain).length;
    expect(offlineFrame({ host, mfn: bad, payer: owner.domain.account })).toBe(null);
    expect(host.frames.state(bad)).toBe(FrameState.offlined);
    expect(machineFrames(owner.domain).length).toBe(before - 1);
    expect(host.heap.freeFrames).toBe(reserve);
    expectIntact(owner.domain);
    expect(audit(host)).toEqual([]);
  });

  it('makes up for a frame of the reserve that goes bad, and hands on no frame that is to go', () => {
    const { host, owner, reserve } = ownedHost(model);
    let free = asMfn(0);
    host.heap.forEachChunk((first) => (free = first));
    expect(offlineFrame({ host, mfn: free, payer: owner.domain.account })).toBe(null);
    expect(host.heap.freeFrames).toBe(reserve);
    for (const pfn of owner.domain.free.copy()) host.frames.setLeaving(owner.domain.model.machineFrame(pfn), true);
    expect(owner.allocate(0, owner.domain)).toBe(-1);
    expect(audit(host)).toEqual([]);
  });

  it('has what it can of a bank that is plugged in, and the hypervisor no more than its reserve', () => {
    const { host, owner, reserve } = ownedHost(model);
    const { pageBytes } = host.simulation.platform;
    const before = machineFrames(owner.domain).length;
    const places = owner.domain.balloon.frames.length;
    const bank = { start: 512 * pageBytes, size: 16 * pageBytes };
    expect(isFinding(plugBank(host, bank, owner.domain.account))).toBe(false);
    expect(machineFrames(owner.domain).length - before).toBe(model === 'direct' ? 16 : Math.min(16, places));
    expect(host.heap.freeFrames).toBe(reserve);
    expect(audit(host)).toEqual([]);
  });
});

describe('an exchange for frames in a run', () => {
  it.each([
    ['direct', 'insert'],
    ['p2m', 'p2m'],
    ['p2m', 'insert'],
  ] as const)(
    'by a guest crosses to a %s domain0 that owns memory, which gives them to a guest of %s',
    (model, guests) => {
      const { host, owner, reserve } = ownedHost(model);
      const low = owner.domain.free.takeAll((pfn) => owner.domain.model.machineFrame(pfn) < 64);
      const guest = guestOn(host, 'driver', guests, 8);
      for (const pfn of low) owner.domain.free.giveBack(pfn);
      const pfns = guest.model.ownedFrames().slice(4);
      const mfnOf = (pfn: Pfn): number => guest.model.machineFrame(pfn);
      const limit = 64;
      expect(Math.min(...pfns.map(mfnOf))).toBeGreaterThanOrEqual(limit);
      const before = new Set(machineFrames(owner.domain));
      const crossed = guest.account.count('upcall');
      expect(exchangeContiguous(guest, pfns[0], 2, Math.log2(limit * host.simulation.platform.pageBytes))).toBe(null);
      expect(pfns.map(mfnOf)).toEqual(pfns.map((_, at) => mfnOf(pfns[0]) + at));
      expect(mfnOf(pfns[3])).toBeLessThan(limit);
      expect(pfns.every((pfn) => before.has(mfnOf(pfn)))).toBe(true);
      expect(guest.account.count('upcall') - crossed).toBe(1);
      expect(host.heap.freeFrames).toBe(reserve + 4);
      expect(owner.takeBack()).toBe(4);
      expect(audit(host)).toEqual([]);
    },
  );

  it('is refused where the owner has no run low enough, and the reserve is not touched', () => {
    const { host, owner, reserve } = ownedHost('p2m');
    const guest = guestOn(host, 'driver', 'p2m', 8);
    const bits = Math.log2(4 * host.simulation.platform.pageBytes);
    expect(exchangeContiguous(guest, guest.model.ownedFrames()[0], 2, bits)).toMatchObject({ operation: 'exchange' });
    expect(host.heap.freeFrames).toBe(reserve);
    expect(audit(owner.domain.host)).toEqual([]);
  });
});
