import {
  type Domain,
  EVENT_NAMES,
  type EventCosts,
  type EventName,
  type HashScheme,
  Host,
  type ModelId,
  type ModelOptions,
  type Platform,
  Simulation,
  type VhptScheme,
  buildDomain,
  isFinding,
} from '../../engine/index.js';

import type { RadixCaches, RadixScheme } from '../../engine/platform.js';
import { VhptMmu } from '../../engine/mmu/vhpt-mmu.js';

export const PAGE = 16 * 1024;

/** Every event at the same cost, some at their own. */
export const costs = (each: number, own: Partial<Record<EventName, number>> = {}): EventCosts => ({
  ...(Object.fromEntries(EVENT_NAMES.map((name) => [name, each])) as Record<EventName, number>),
  ...own,
});

/** A small platform: banks in frames, a kernel granule of 4 pages, a TLB of 8 entries. */
export const platformOf = (
  banks: readonly (readonly [first: number, frames: number])[],
  own: Partial<Platform> = {},
): Platform => ({
  id: 'test',
  pageBytes: PAGE,
  banks: banks.map(([first, frames]) => ({ start: first * PAGE, size: frames * PAGE })),
  hypervisorBytes: 0,
  controlDomainBytes: 16 * PAGE,
  kernelGranuleBytes: 4 * PAGE,
  scheme: vhptScheme(),
  link: { bitsPerSecond: 1e9, latencyNs: 0 },
  socketBufferPages: 2,
  segmentBytes: 1448,
  costs: costs(0),
  ...own,
});

/** The scheme of the small platform, with another size here or there. */
export const vhptScheme = (own: Partial<VhptScheme> = {}): VhptScheme => ({
  kind: 'vhpt',
  tlbEntries: 8,
  vhptEntries: 64,
  insertClip: 'page',
  ...own,
});

const FEW: RadixCaches = {
  tlb: [
    { sets: 2, ways: 4 },
    { sets: 1, ways: 2 },
  ],
  walkCache: [3, 2, 1],
};

/** A scheme of radix tables of 64 entries, so that large pages of 64 and 4096 pages fit small hosts; for pages of 512 bytes. */
export const radixScheme = (own: Partial<RadixScheme> = {}): RadixScheme => ({
  kind: 'radix',
  format: { levels: 4, indexBits: 6, largestLeaf: 2 },
  caches: FEW,
  nestedCaches: FEW,
  setsFlags: true,
  nestedSetsFlags: false,
  broadcastsFlushes: false,
  ...own,
});

/** A small platform of this scheme: pages are as large as its tables. */
export const radixPlatformOf = (
  banks: readonly (readonly [first: number, frames: number])[],
  own: Partial<Platform> & { readonly scheme: RadixScheme } = { scheme: radixScheme() },
): Platform => {
  const pageBytes = 2 ** own.scheme.format.indexBits * 8;
  return platformOf(banks, {
    pageBytes,
    banks: banks.map(([first, frames]) => ({ start: first * pageBytes, size: frames * pageBytes })),
    controlDomainBytes: 16 * pageBytes,
    kernelGranuleBytes: 64 * pageBytes,
    ...own,
  });
};

/** The scheme of a small platform with hashed tables of eight groups or so. */
export const hashScheme = (own: Partial<HashScheme> = {}): HashScheme => ({
  kind: 'hash',
  tlbEntries: 8,
  memoryToTable: 64,
  ...own,
});

export const hostOf = (platform: Platform, name = 'source'): Host => new Host(name, new Simulation(platform, 'test'));

/** The MMU of a domain on a platform of ia64's scheme. */
export const vhptMmuOf = ({ mmu }: Domain): VhptMmu => {
  if (!(mmu instanceof VhptMmu)) throw new Error('not an MMU of ia64');
  return mmu;
};

/** A domain that must come to be. */
export const domainOn = (
  host: Host,
  name: string,
  model: ModelId,
  pages: number,
  options: ModelOptions = {},
): Domain => {
  const builder = host.simulation.ledger.account('builder');
  const domain = buildDomain(host, { name, model, options, builder }, pages);
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

/** The models where the MMU walks radix tables, with every option that changes what they do. */
export const RADIX_VARIANTS: readonly {
  readonly title: string;
  readonly model: ModelId;
  readonly options: ModelOptions;
}[] = [
  { title: 'direct, trusted', model: 'direct', options: { access: 'trusted' } },
  { title: 'direct, restricted', model: 'direct', options: { access: 'restricted' } },
  { title: 'p2m', model: 'p2m', options: {} },
  { title: 'nested', model: 'nested', options: {} },
  { title: 'nested, logged by hardware', model: 'nested', options: { dirtyLog: 'hardware' } },
  { title: 'shadow', model: 'shadow', options: {} },
];

/** Every model with every option that changes what it does. */
export const VARIANTS: readonly { readonly title: string; readonly model: ModelId; readonly options: ModelOptions }[] =
  [
    { title: 'direct, trusted', model: 'direct', options: { access: 'trusted' } },
    { title: 'direct, restricted', model: 'direct', options: { access: 'restricted' } },
    { title: 'p2m', model: 'p2m', options: {} },
    { title: 'insert', model: 'insert', options: {} },
    { title: 'insert, exposed p2m', model: 'insert', options: { exposedP2m: true } },
  ];
