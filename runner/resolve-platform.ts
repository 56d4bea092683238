import type { EventCosts, PerFrameTable, Platform, TlbArray, TranslationScheme } from '../engine/index.js';
import type { PlatformAmounts, PlatformFile } from '../input/platform.js';

type Radix = Extract<PlatformAmounts, { scheme: 'radix' }>;

/** The engine's platform: the file's amounts in plain units, with the costs of one draw. */
export const resolvePlatform = (file: PlatformFile, costs: EventCosts): Platform => {
  const { amounts } = file;
  return {
    id: file.id,
    pageBytes: amounts.pageSize,
    banks: amounts.banks,
    hypervisorBytes: amounts.hypervisorMemory,
    ...hypervisorTablesOf(amounts),
    controlDomainBytes: amounts.controlDomainMemory,
    kernelGranuleBytes: amounts.kernelGranule,
    scheme: schemeOf(amounts),
    link: { bitsPerSecond: amounts.linkBandwidth, latencyNs: amounts.linkLatency },
    socketBufferPages: amounts.socketBuffer / amounts.pageSize,
    segmentBytes: amounts.segmentSize,
    costs,
  };
};

const schemeOf = (amounts: PlatformAmounts): TranslationScheme => {
  if (amounts.scheme === 'vhpt') {
    const { tlbEntries, vhptEntries, insertClip } = amounts;
    return { kind: 'vhpt', tlbEntries, vhptEntries, insertClip };
  }
  if (amounts.scheme === 'radix') {
    const { tlb, secondTlb, walkCache, nestedTlb } = amounts;
    return {
      kind: 'radix',
      tlb: tlb.map(arrayOf),
      secondTlb: secondTlb.map(arrayOf),
      walkCache,
      nestedTlb: nestedTlb.map(arrayOf),
    };
  }
  const { tlbEntries, memoryToTable } = amounts;
  return { kind: 'hash', tlbEntries, memoryToTable };
};

/** ia64's file counts them into the hypervisor's memory. */
const hypervisorTablesOf = (
  amounts: PlatformAmounts,
): Pick<Platform, 'frameTable' | 'machineToPhysical' | 'pagingPool'> => {
  if (amounts.scheme === 'vhpt') return {};
  const frameTable = tableOf(amounts.frameTable);
  if (amounts.scheme === 'hash') return { frameTable };
  const { machineToPhysical, pagingPool } = amounts;
  const { nestedPagesAMebibyte: nested, shadowPagesAMebibyte: shadow, ...rest } = pagingPool;
  return {
    frameTable,
    ...(machineToPhysical.entry === 0 ? {} : { machineToPhysical: tableOf(machineToPhysical) }),
    pagingPool: { ...rest, pagesAMebibyte: { nested, shadow } },
  };
};

const arrayOf = ({ entries, ways }: Radix['tlb'][number]): TlbArray => ({ sets: entries / ways, ways });

const tableOf = ({ entry, covers, chunk, largeChunk }: Radix['frameTable']): PerFrameTable => ({
  bytesAFrame: entry,
  covers,
  chunkBytes: chunk,
  ...(largeChunk === undefined ? {} : { largeChunkBytes: largeChunk }),
});
