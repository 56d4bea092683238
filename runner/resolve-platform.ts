import { distancesByHops } from '../engine/index.js';
import type {
  EventCosts,
  HypervisorP2mRule,
  PerFrameTable,
  Platform,
  TlbArray,
  TranslationScheme,
} from '../engine/index.js';
import type { Conditions } from '../input/platform-conditions.js';
import type { PlatformAmounts, PlatformFile } from '../input/platform.js';
import { radixIndexBits, radixLevel } from '../input/radix-sizes.js';

type Radix = Extract<PlatformAmounts, { scheme: 'radix' }>;

/** The engine's platform: the file's amounts in plain units, with the costs of one draw. */
export const resolvePlatform = (file: PlatformFile, costs: EventCosts): Platform => {
  const { amounts } = file;
  return {
    id: file.id,
    pageBytes: amounts.pageSize,
    banks: amounts.banks,
    ...numaOf(amounts),
    hypervisorBytes: amounts.hypervisorMemory,
    ...hypervisorTablesOf(amounts),
    grants: grantsOf(amounts),
    controlDomainBytes: amounts.controlDomainMemory,
    kernelGranuleBytes: amounts.kernelGranule,
    scheme: schemeOf(amounts),
    link: { bitsPerSecond: amounts.linkBandwidth, latencyNs: amounts.linkLatency },
    socketBufferPages: amounts.socketBuffer / amounts.pageSize,
    segmentBytes: amounts.segmentSize,
    clockHz: amounts.clock,
    costs,
  };
};

/** Conditions under which the engine's platform is another, by name and value. */
const UNDER: Readonly<Record<string, Readonly<Record<string, (platform: Platform) => Partial<Platform>>>>> = {
  shadowPaging: { absent: () => ({ shadowPaging: false }) },
  migration: { absent: () => ({ migration: false }) },
  grantOperations: {
    stubs: ({ grants }) =>
      grants === undefined ? {} : { grants: { ...grants, map: false, transfer: false, copy: false } },
  },
};

/** The platform as it is under an alternative. */
export const platformUnder = (platform: Platform, conditions: Conditions): Platform => {
  const changes = Object.entries(conditions).map(([name, value]) => UNDER[name]?.[value]?.(platform) ?? {});
  return Object.assign({}, platform, ...changes) as Platform;
};

/** The nodes, where the file has settings of them: it has all or none. */
const numaOf = (amounts: PlatformAmounts): Pick<Platform, 'numa'> => {
  const { nodeLinks: links, nodeDistances, readTimes, writeTimes } = amounts;
  if (links === undefined) return {};
  const nodes = Math.max(...links.flat()) + 1;
  return {
    numa: {
      topology: { links, distances: distancesByHops(links, nodes, nodeDistances!) },
      distancesByHops: nodeDistances!,
      timing: {
        lineBytes: amounts.lineSize!,
        memoryBytesPerSecond: (amounts.nodeBandwidth! * amounts.sustainedBandwidth!) / 100,
        linkBytesPerSecond: amounts.nodeLinkBandwidth!,
        linesInFlight: amounts.linesInFlight!,
        read: { localBytesPerSecond: amounts.readDemand!, timesByHops: readTimes! },
        write: { localBytesPerSecond: amounts.writeDemand!, timesByHops: writeTimes! },
      },
    },
  };
};

const schemeOf = (amounts: PlatformAmounts): TranslationScheme => {
  if (amounts.scheme === 'vhpt') {
    const { tlbEntries, vhptEntries, insertClip } = amounts;
    return { kind: 'vhpt', tlbEntries, vhptEntries, insertClip };
  }
  if (amounts.scheme === 'radix') {
    const {
      pageSize,
      largestPage,
      walkCache,
      nestedWalkCache,
      setsFlags,
      nestedSetsFlags,
      broadcastsFlushes,
      identityStage,
    } = amounts;
    return {
      kind: 'radix',
      format: {
        levels: amounts.tableLevels,
        indexBits: radixIndexBits(pageSize),
        largestLeaf: radixLevel(largestPage, pageSize),
      },
      caches: { tlb: arraysOf(amounts, [...amounts.tlb, ...amounts.secondTlb]), walkCache },
      nestedCaches: { tlb: arraysOf(amounts, amounts.nestedTlb), walkCache: nestedWalkCache },
      setsFlags,
      nestedSetsFlags,
      broadcastsFlushes,
      ...(identityStage === true ? { identityStage } : {}),
    };
  }
  const { tlbEntries, memoryToTable } = amounts;
  return { kind: 'hash', tlbEntries, memoryToTable };
};

/** ia64's file counts those with an entry for each frame of the host into the hypervisor's memory. */
const hypervisorTablesOf = (
  amounts: PlatformAmounts,
): Pick<Platform, 'frameTable' | 'machineToPhysical' | 'pagingPool' | 'guestP2m' | 'hypervisorP2m' | 'iommuTables'> => {
  if (amounts.scheme === 'vhpt') {
    return { guestP2m: { entryBytes: amounts.guestP2m.entry }, hypervisorP2m: ruleOf(amounts.hypervisorP2m) };
  }
  const frameTable = tableOf(amounts.frameTable);
  if (amounts.scheme === 'hash') return { frameTable, hypervisorP2m: ruleOf(amounts.hypervisorP2m) };
  const { machineToPhysical, pagingPool, guestP2m, iommuTables } = amounts;
  const { nestedPagesAMebibyte: nested, shadowPagesAMebibyte: shadow, rootFromHeap, ...rest } = pagingPool;
  return {
    frameTable,
    ...(guestP2m === undefined ? {} : { guestP2m: { entryBytes: guestP2m.entry } }),
    ...(machineToPhysical.entry === 0 ? {} : { machineToPhysical: tableOf(machineToPhysical) }),
    pagingPool: { ...rest, pagesAMebibyte: { nested, shadow }, ...(rootFromHeap === true ? { rootFromHeap } : {}) },
    ...(iommuTables === undefined ? {} : { iommuTables }),
  };
};

const grantsOf = ({ grants: { flushEvery, ...rules } }: PlatformAmounts): NonNullable<Platform['grants']> => ({
  ...rules,
  ...(flushEvery === undefined ? {} : { flushEvery }),
});

/**
 * An array for each level up to the largest that is kept. The engine has one TLB: of a size that both TLBs keep it has
 * the second one, since only a miss there takes a walk.
 */
const arraysOf = ({ pageSize }: Radix, kept: Radix['tlb']): readonly TlbArray[] => {
  const arrays: TlbArray[] = [];
  for (const { entries, pageBytes, ways } of kept) {
    arrays[radixLevel(pageBytes, pageSize)] = { sets: entries / ways, ways };
  }
  return Array.from(arrays, (array) => array ?? { sets: 1, ways: 0 });
};

const ruleOf = ({ entry, levels }: { readonly entry: number; readonly levels: number }): HypervisorP2mRule => ({
  entryBytes: entry,
  levels,
});

const tableOf = ({ entry, covers, chunk, largeChunk }: Radix['frameTable']): PerFrameTable => ({
  bytesAFrame: entry,
  covers,
  chunkBytes: chunk,
  ...(largeChunk === undefined ? {} : { largeChunkBytes: largeChunk }),
});
