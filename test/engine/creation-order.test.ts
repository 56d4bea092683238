import { describe, expect, it } from 'vitest';
import {
  type Domain,
  Host,
  type LedgerEntry,
  type ModelId,
  Simulation,
  buildDomain,
  isFinding,
} from '../../engine/index.js';
import { mapForeign } from '../../engine/domain/foreign-mapping.js';
import { radixPlatformOf } from './support.js';

const GUESTS = ['one', 'two', 'three'] as const;

/** What each guest and the tool were charged, when the guests were built in this order and then did the same. */
const ledgerOf = (model: ModelId, order: readonly (typeof GUESTS)[number][]): readonly LedgerEntry[] => {
  const simulation = new Simulation(radixPlatformOf([[0, 16_384]]), 'order');
  const host = new Host('host', simulation);
  const build = (name: string, of: ModelId, pages: number): Domain => {
    const domain = buildDomain(host, { name, model: of, builder: simulation.ledger.account('builder') }, pages);
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  };
  const tool = build('tool', 'p2m', 1200);
  const built = new Map(order.map((name) => [name, build(name, model, 1000)]));
  for (const [number, name] of GUESTS.entries()) {
    const guest = built.get(name)!;
    for (let page = 0; page < 40 * (number + 1); page += 1) guest.mapPage(page * 3, guest.free.take()!, true);
    for (let round = 0; round < 3; round += 1) {
      for (let page = 0; page < 40 * (number + 1); page += 1) guest.writePage(page * 3);
    }
    const mapping = mapForeign(tool, guest, guest.model.ownedFrames().slice(100, 150), {
      writable: false,
      firstPage: 0,
    });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    for (let index = 0; index < mapping.length; index += 1) mapping.read(index);
    mapping.unmap();
    guest.balloon.out();
  }
  return simulation.ledger.entries();
};

const byName = (entries: readonly LedgerEntry[]): readonly string[] =>
  entries.map((entry) => JSON.stringify(entry)).sort();

describe('the order in which domains were built changes no count where the hardware walks tables', () => {
  it.each(['p2m', 'nested'] as const)('%s', (model) => {
    const first = byName(ledgerOf(model, ['one', 'two', 'three']));
    expect(first.length).toBeGreaterThan(10);
    expect(byName(ledgerOf(model, ['three', 'one', 'two']))).toEqual(first);
    expect(byName(ledgerOf(model, ['two', 'three', 'one']))).toEqual(first);
  });
});
