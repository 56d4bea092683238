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
import type { Platform } from '../../engine/index.js';
import { hashScheme, platformOf, radixPlatformOf, radixScheme, vhptScheme } from './support.js';

const GUESTS = ['one', 'two', 'three'] as const;

const FRAMES: [number, number][] = [[0, 16_384]];
const POOL = { pagesAVcpu: 300, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 };
/** Tables and caches so small that pages push each other out. */
const PLATFORMS: Readonly<Record<'radix tables' | 'ia64' | 'ppc64', Platform>> = {
  'radix tables': radixPlatformOf(FRAMES, { scheme: radixScheme(), pagingPool: POOL }),
  ia64: platformOf(FRAMES, { scheme: vhptScheme() }),
  ppc64: platformOf([], {
    scheme: hashScheme({ memoryToTable: 4096 }),
    pageBytes: 4096,
    banks: [{ start: 0, size: 16_384 * 4096 }],
    kernelGranuleBytes: 16 * 4096,
  }),
};

/** What each guest and the tool were charged, when the guests were built in this order and then did the same. */
const ledgerOf = (
  platform: Platform,
  toolModel: ModelId,
  model: ModelId,
  order: readonly (typeof GUESTS)[number][],
): readonly LedgerEntry[] => {
  const simulation = new Simulation(platform, 'order');
  const host = new Host('host', simulation);
  const build = (name: string, of: ModelId, pages: number): Domain => {
    const domain = buildDomain(host, { name, model: of, builder: simulation.ledger.account('builder') }, pages);
    if (isFinding(domain)) throw new Error(domain.detail);
    return domain;
  };
  const tool = build('tool', toolModel, 1200);
  const built = new Map(order.map((name) => [name, build(name, model, 1000)]));
  for (const [number, name] of GUESTS.entries()) {
    const guest = built.get(name)!;
    for (let page = 0; page < 230 * (number + 1); page += 1) guest.mapPage(page * 3, guest.free.take()!, true);
    for (let round = 0; round < 3; round += 1) {
      for (let page = 0; page < 230 * (number + 1); page += 1) guest.writePage(page * 3);
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

describe('the order in which domains were built changes no count', () => {
  it.each([
    ['radix tables', 'p2m', 'p2m'],
    ['radix tables', 'p2m', 'nested'],
    ['radix tables', 'nested', 'shadow'],
    ['ia64', 'direct', 'insert'],
    ['ia64', 'insert', 'p2m'],
    ['ppc64', 'insert', 'insert'],
  ] as const)('on %s, where the tool is %s and guests are %s', (platform, tool, model) => {
    const counts = (...order: readonly (typeof GUESTS)[number][]): readonly string[] =>
      byName(ledgerOf(PLATFORMS[platform], tool, model, order));
    const first = counts('one', 'two', 'three');
    expect(first.length).toBeGreaterThan(10);
    expect(counts('three', 'one', 'two')).toEqual(first);
    expect(counts('two', 'three', 'one')).toEqual(first);
  });
});
