import { z } from 'zod';
import { quantity } from './check.js';
import { nodeSettings } from './platform-nodes.js';
import { bank, tlbEntries } from './platform-values.js';
import { count, positive, setting, whole } from './setting-kinds.js';

/** The settings of a platform's file, by its scheme of translation. */

/** An entry for each frame, made when the host boots: see `PerFrameTable` of the engine. */
const perFrameTable = z.strictObject({
  entry: quantity('B'),
  covers: z.enum(['chunks', 'span']),
  chunk: positive('B'),
  largeChunk: positive('B').optional(),
});

/** Frames that a VP domain's tables come from. */
const pagingPool = z.strictObject({
  pagesAVcpu: count,
  nestedPagesAMebibyte: count,
  shadowPagesAMebibyte: count,
  pagesADomain: count,
  multipleOf: whole,
  rootFromHeap: z.literal(true).optional(),
});

/** The array that a P2M guest keeps. */
const guestP2m = z.strictObject({ entry: positive('B') });

/** The p2m that the hypervisor keeps under VP by insert: an array in pages, or a tree of several levels. */
const hypervisorP2m = z.strictObject({ entry: positive('B'), levels: z.int().min(1).max(5) });

/** What the hypervisor's grant operations do. */
const grants = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)], { error: '1 or 2' }),
  tableFrames: whole,
  maptrackFrames: whole,
  map: z.boolean(),
  transfer: z.boolean(),
  copy: z.boolean(),
  flushEvery: whole.optional(),
});

const tlb = setting(z.array(tlbEntries));
/** Entries by level, those that point to tables of single pages first. */
const walkCache = setting(z.array(count));

/** Sizes in bytes, rates in bit/s, times in ns, frequencies in Hz. */
const memory = {
  pageSize: setting(positive('B')),
  banks: setting(z.array(bank).min(1)),
  hypervisorMemory: setting(quantity('B')),
  controlDomainMemory: setting(positive('B')),
  kernelGranule: setting(positive('B')),
};

const hypervisorTables = {
  frameTable: setting(perFrameTable),
  machineToPhysical: setting(perFrameTable),
  pagingPool: setting(pagingPool),
};

const rest = {
  clock: setting(positive('Hz')),
  linkBandwidth: setting(positive('bit/s')),
  linkLatency: setting(quantity('ns')),
  socketBuffer: setting(positive('B')),
  segmentSize: setting(positive('B')),
  grants: setting(grants),
  ...nodeSettings,
};

export const settingsOf = {
  vhpt: z.strictObject({
    ...memory,
    tlbEntries: setting(whole),
    vhptEntries: setting(whole),
    insertClip: setting(z.enum(['page', 'run'])),
    guestP2m: setting(guestP2m),
    hypervisorP2m: setting(hypervisorP2m),
    ...rest,
  }),
  radix: z.strictObject({
    ...memory,
    tableLevels: setting(z.int().min(2).max(5)),
    largestPage: setting(positive('B')),
    tlb,
    secondTlb: tlb,
    walkCache,
    setsFlags: setting(z.boolean()),
    nestedTlb: tlb,
    nestedWalkCache: walkCache,
    nestedSetsFlags: setting(z.boolean()),
    broadcastsFlushes: setting(z.boolean()),
    identityStage: setting(z.literal(true)).optional(),
    guestP2m: setting(guestP2m).optional(),
    iommuTables: setting(z.literal('healed')).optional(),
    ...hypervisorTables,
    ...rest,
  }),
  hash: z.strictObject({
    ...memory,
    tlbEntries: setting(whole),
    memoryToTable: setting(whole),
    frameTable: hypervisorTables.frameTable,
    hypervisorP2m: setting(hypervisorP2m),
    ...rest,
  }),
} as const;

export const schemes = ['vhpt', 'radix', 'hash'] as const satisfies readonly (keyof typeof settingsOf)[];
export type Scheme = (typeof schemes)[number];
