/** The smallest platforms of the schemes that the page of tests for ia64's does not have. */

const head = (scheme: string, models: string) => `id: small
title: Small
description: Nothing but parts.
scheme: ${scheme}
${models}
settings:
  pageSize: {title: Page, value: 4 KiB, source: a manual}
  banks: {title: Banks, value: ['0 GiB + 1 GiB'], source: a guess, assumed: true}
  hypervisorMemory: {title: Hypervisor, value: 64 MiB, source: a guess}
  controlDomainMemory: {title: Control, value: 512 MiB, source: a guess}
  kernelGranule: {title: Granule, value: 2 MiB, source: a manual}
`;

const tail = `  clock: {title: Clock, value: 2 GHz, source: a manual}
  linkBandwidth: {title: Link, value: 1 Gbit/s, source: a manual}
  linkLatency: {title: Latency, value: 50 us, source: a manual}
  socketBuffer: {title: Buffer, value: 128 KiB, source: a manual}
  segmentSize: {title: Segment, value: 1448 B, source: a manual}
  grants: {title: Grants, value: {version: 1, tableFrames: 4, maptrackFrames: 64, map: true, transfer: true, copy: false}, source: a header}
costs:
  hypercall: {value: 1500, low: 500, high: 5000, unit: cycles, source: a paper}
  pageCopy: {value: 12, low: 5, high: 40, unit: us, source: a guess, assumed: true}
`;

const frameTable =
  '  frameTable: {title: Frame table, value: {entry: 32 B, covers: chunks, chunk: 2 MiB}, source: a header}\n';

const radix = `  tableLevels: {title: Levels, value: 4, source: a manual}
  largestPage: {title: Largest, value: 1 GiB, source: a manual}
  tlb: {title: TLB, value: ['64 entries of 4 KiB, 4 ways', '8 entries of 2 MiB, 8 ways'], source: a manual}
  secondTlb: {title: Second TLB, value: [], source: a manual}
  walkCache: {title: Walk cache, value: [16, 4], source: a manual}
  setsFlags: {title: Flags, value: true, source: a manual}
  nestedTlb: {title: Nested TLB, value: ['16 entries of 4 KiB, 16 ways'], source: a manual}
  nestedWalkCache: {title: Nested walk cache, value: [], source: a manual}
  nestedSetsFlags: {title: Nested flags, value: false, source: a manual}
  broadcastsFlushes: {title: Broadcast, value: false, source: a manual}
${frameTable}  machineToPhysical: {title: m2p, value: {entry: 8 B, covers: chunks, chunk: 2 MiB}, source: a header}
  pagingPool: {title: Pool, value: {pagesAVcpu: 256, nestedPagesAMebibyte: 1, shadowPagesAMebibyte: 2, pagesADomain: 0, multipleOf: 1}, source: a tool}
`;

/** Names of the settings that only the radix scheme has. */
export const radixSettings = [
  'tableLevels',
  'largestPage',
  'tlb',
  'secondTlb',
  'walkCache',
  'setsFlags',
  'nestedTlb',
  'nestedWalkCache',
  'nestedSetsFlags',
  'broadcastsFlushes',
  'frameTable',
  'machineToPhysical',
  'pagingPool',
] as const;

export const smallRadix = `${head(
  'radix',
  `conditions:
  iommu: {title: IOMMU, values: [all, none], default: all, source: a guess}
models:
  nested: {control: exists, guest: exists}
  direct: {driver: exists}
onlyWith:
  nested: {control: [{iommu: all}]}
defaultModels:
  control: {model: nested}
  driver: {model: direct}
  guest: {model: nested}`,
)}${radix}${tail}  pageUpdate: {value: 900, low: 300, high: 3000, unit: cycles, source: a guess, assumed: true}
`;

export const smallHash = `${head(
  'hash',
  `models:
  insert: {control: exists, driver: exists, guest: exists}
defaultModels:
  control: {model: insert}
  driver: {model: insert}
  guest: {model: insert}`,
)}  tlbEntries: {title: TLB, value: 1024, source: a manual}
  memoryToTable: {title: Table, value: 64, source: a rule}
${frameTable}  hypervisorP2m: {title: p2m, value: {entry: 4 B, levels: 1}, source: a header}
${tail}`;
