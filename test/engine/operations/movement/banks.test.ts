import { describe, expect, it } from 'vitest';
import {
  type Host,
  asPfn,
  audit,
  type BankRemoval,
  giveBank,
  isFinding,
  plugBank,
  removeBank,
  restoreCheckpoint,
  saveCheckpoint,
  unplugBank,
} from '../../../../engine/index.js';
import { mapForeign } from '../../../../engine/domain/foreign-mapping.js';
import { FrameState } from '../../../../engine/host/frame-table.js';
import { takeOffline } from '../../../../engine/host/offline-frames.js';
import type { Mfn } from '../../../../engine/host/frame-number.js';
import { removalOf } from '../../../../engine/operations/unplug-bank.js';
import { costs, domainOn, hostOf, platformOf } from '../../support.js';
import { FIRST_BANK, SECOND_BANK, busyGuest, expectIntact, framesOf, twoBanks } from './support.js';

const PAGE = 16384;
const NEW_BANK = { start: 256 * PAGE, size: 64 * PAGE };

/** A frame table of 72 B a frame in chunks of a page, so that 64 frames more take 1 page. */
const withFrameTable = (): Host =>
  hostOf(
    platformOf([[0, 64]], {
      costs: costs(1),
      frameTable: { bytesAFrame: 1024, covers: 'chunks', chunkBytes: PAGE },
      machineToPhysical: { bytesAFrame: 256, covers: 'chunks', chunkBytes: PAGE },
    }),
  );

const inBank = (mfn: number, bank: { start: number; size: number }): boolean =>
  mfn * PAGE >= bank.start && mfn * PAGE < bank.start + bank.size;

describe('a bank that is plugged in', () => {
  it('pays for its own descriptors out of the added range, and the heap gets the rest', () => {
    const host = withFrameTable();
    const free = host.heap.freeFrames;
    const payer = host.simulation.ledger.account('operator');
    expect(plugBank(host, NEW_BANK, payer)).toEqual({ metadataPages: 4 + 1, heapPages: 59 });
    expect(host.heap.freeFrames).toBe(free + 59);
    expect(host.installedFrames).toBe(128);
    expect(host.hypervisor.pages('frame table')).toBe(4 + 4);
    expect([256, 260].map((mfn) => host.frames.state(mfn as Mfn))).toEqual([FrameState.reserved, FrameState.reserved]);
    expect(payer.count('frameDescribe')).toBe(64);
    expect(audit(host)).toEqual([]);
  });

  it('is refused where frames are installed already, and where its descriptors fill it', () => {
    const host = withFrameTable();
    const payer = host.simulation.ledger.account('operator');
    expect(plugBank(host, { start: 32 * PAGE, size: 64 * PAGE }, payer)).toMatchObject({ rule: 'range-is-empty' });
    expect(plugBank(host, { start: 256 * PAGE, size: 2 * PAGE }, payer)).toMatchObject({ rule: 'metadata-fits' });
    expect(audit(host)).toEqual([]);
  });

  it('appears to a direct domain as it is, at its addresses and with the hole of its descriptors', () => {
    const host = withFrameTable();
    const domain = busyGuest(host, 'driver', 'direct');
    plugBank(host, NEW_BANK, domain.builder);
    const given = giveBank(domain, NEW_BANK);
    expect(given).toEqual(Array.from({ length: 59 }, (_, index) => 261 + index));
    expectIntact(domain);
    domain.writeKernel(asPfn(319));
    expectIntact(domain);
  });

  it.each(['p2m', 'insert'] as const)('lets %s have back what it had ballooned out, up to its maximum', (model) => {
    const host = withFrameTable();
    const domain = busyGuest(host, 'guest', model);
    for (let count = 0; count < 8; count += 1) domain.balloon.out();
    const other = domainOn(host, 'other', 'insert', host.heap.freeFrames);
    expect(giveBank(domain, NEW_BANK)).toMatchObject({ operation: 'add memory', rule: 'heap-has-room' });
    plugBank(host, NEW_BANK, domain.builder);
    expect(giveBank(domain, NEW_BANK)).toHaveLength(8);
    expect(domain.model.ownedFrames()).toHaveLength(24);
    expectIntact(domain, other);
  });
});

describe('a bank that is taken out', () => {
  const scene = (model: 'direct' | 'p2m' | 'insert') => {
    const host = twoBanks();
    const domain = busyGuest(host, 'guest', model);
    const bank = framesOf(domain).every((mfn) => inBank(mfn, FIRST_BANK)) ? FIRST_BANK : SECOND_BANK;
    return { host, domain, bank, request: { host, payer: domain.builder } };
  };

  it.each(['p2m', 'insert'] as const)(
    'is drained of a %s guest, page tables and kernel pages too, and is gone',
    (model) => {
      const { host, domain, bank, request } = scene(model);
      expect(removeBank(request, bank)).toMatchObject({ moved: 24, blocked: [] });
      expect(host.installedFrames).toBe(64);
      expect(framesOf(domain).some((mfn) => inBank(mfn, bank))).toBe(false);
      expectIntact(domain);
      expect(removeBank(request, bank)).toMatchObject({ rule: 'bank-is-there' });
    },
  );

  it('stays under direct, for the pages that the guest cannot move; all is undone and nothing lost', () => {
    const { host, domain, bank, request } = scene('direct');
    const tables = domain.pageTable.tablePfns.map((pfn) => domain.model.machineFrame(pfn));
    const refusal = removeBank(request, bank);
    expect(refusal).toMatchObject({ operation: 'remove memory', rule: 'bank-is-empty' });
    const detail = isFinding(refusal) ? refusal.detail : '';
    for (const mfn of tables) expect(detail).toContain(`0x${mfn.toString(16)} (movable)`);
    expect(host.installedFrames).toBe(128);
    expectIntact(domain);
    expect(host.heap.freeFrames).toBe(128 - domain.model.ownedFrames().length);
  });

  it('goes under direct once the guest has no page that cannot be moved there', () => {
    const host = twoBanks();
    const domain = domainOn(host, 'driver', 'direct', 80);
    const far = domain.free.takeAll((pfn) => pfn >= 128);
    domain.mapPage(0, far[0], true);
    domain.writePage(0);
    for (const pfn of far.slice(1)) domain.free.giveBack(pfn);
    expect(domain.pageTable.tablePfns.every((pfn) => pfn < 128)).toBe(true);
    expect(removeBank({ host, payer: domain.builder }, SECOND_BANK)).toMatchObject({ moved: 16, blocked: [] });
    expect(domain.model.ownedFrames()).toHaveLength(64);
    expectIntact(domain);
  });

  it('names the frame that another domain maps; once that is unmapped the removal goes on where it was', () => {
    const { host, domain, bank, request } = scene('insert');
    const control = domainOn(host, 'control', 'insert', 12);
    const mapping = mapForeign(control, domain, [asPfn(5)], { writable: true, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    const removal = unplugBank(request, bank);
    if (isFinding(removal)) throw new Error(removal.detail);
    const { blocked } = removal.drain();
    expect(blocked).toMatchObject([{ mfn: domain.model.machineFrame(asPfn(5)), finding: { rule: 'not-referenced' } }]);
    expect(removal.finish()).toMatchObject({ rule: 'bank-is-empty' });
    mapping.unmap();
    expect(removal.drain()).toMatchObject({ moved: 1, blocked: [], left: 0 });
    expect(removal.finish()).toBe(null);
    expectIntact(domain, control);
  });

  it.each(['p2m', 'insert'] as const)(
    'can be left half-way under %s: nothing new goes there, writes go on, and it is finished later',
    (model) => {
      const { host, domain, bank, request } = scene(model);
      const removal = unplugBank(request, bank);
      if (isFinding(removal)) throw new Error(removal.detail);
      expect(removal.drain(10)).toMatchObject({ moved: 10, left: 14 });
      expectIntact(domain);
      domain.writePage(1);
      const other = domainOn(host, 'other', 'insert', 8);
      expect(framesOf(other).some((mfn) => inBank(mfn, bank))).toBe(false);
      domain.balloon.out();
      expectIntact(domain, other);
      expect(removal.drain(10).left).toBeLessThanOrEqual(4);
      expect(removal.drain().left).toBe(0);
      expect(removal.finish()).toBe(null);
      expectIntact(domain, other);
    },
  );

  it('is undone half-way: the bank is in use again, but for a frame that was offline before', () => {
    const { host, domain, bank, request } = scene('insert');
    const bad = (bank.start / PAGE) as Mfn;
    expect(takeOffline(host, bad)).toBe(true);
    const free = host.heap.freeFrames;
    const removal = unplugBank(request, bank);
    if (isFinding(removal)) throw new Error(removal.detail);
    removal.drain(10);
    removal.undo();
    expect(host.heap.freeFrames).toBe(free);
    expect(host.frames.state(bad)).toBe(FrameState.offlined);
    expectIntact(domain);
    for (let page = 0; page < 6; page += 1) domain.balloon.out();
    expect(host.heap.freeFrames).toBe(free + 6);
    expectIntact(domain);
  });

  it('is drained on out of a checkpoint, and undone as it would have been', () => {
    const { host, domain, bank, request } = scene('insert');
    takeOffline(host, (bank.start / PAGE) as Mfn);
    const free = host.heap.freeFrames;
    const removal = unplugBank(request, bank);
    if (isFinding(removal)) throw new Error(removal.detail);
    removal.drain(10);
    const bytes = saveCheckpoint(host.simulation, (archive) => archive.part('removal', removal));
    let again: BankRemoval | null = null;
    const simulation = restoreCheckpoint(bytes, {
      platform: host.simulation.platform,
      own: (archive) => {
        const [copy] = archive.simulation.hosts;
        again = removalOf({ host: copy, payer: archive.simulation.ledger.account('builder') }, bank);
        archive.part('removal', again);
      },
    });
    const [copy] = simulation.hosts;
    const undone = copy.heap.freeFrames;
    expect(again!.drain(4)).toMatchObject({ moved: 4, left: 10 });
    again!.undo();
    expect(copy.heap.freeFrames).toBe(free);
    expect(undone).toBeLessThan(free);
    expect(audit(copy)).toEqual([]);
    expectIntact(domain);
  });

  it('takes the tables with it that describe only itself', () => {
    const host = withFrameTable();
    const payer = host.simulation.ledger.account('operator');
    plugBank(host, NEW_BANK, payer);
    expect(removeBank({ host, payer }, NEW_BANK)).toMatchObject({ moved: 0, blocked: [] });
    expect(host.hypervisor.pages('frame table')).toBe(4);
    expect(host.installedFrames).toBe(64);
    expect(audit(host)).toEqual([]);
    expect(plugBank(host, NEW_BANK, payer)).toMatchObject({ metadataPages: 5 });
  });

  it('is held by a frame that the hypervisor keeps', () => {
    const host = withFrameTable();
    const refusal = removeBank({ host, payer: host.simulation.ledger.account('operator') }, FIRST_BANK);
    expect(refusal).toMatchObject({ rule: 'bank-is-empty' });
    expect(isFinding(refusal) && refusal.detail).toContain('(a-domain-has-it)');
    expect(audit(host)).toEqual([]);
  });
});
