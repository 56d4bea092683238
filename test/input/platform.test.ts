import { describe, expect, it } from 'vitest';
import { parsePlatform } from '../../input/platform.js';
import { format } from '../../input/user-error.js';
import { parseYaml } from '../../input/yaml-file.js';
import { radixSettings, smallHash, smallRadix } from './small-platforms.js';
import { mistakesIn } from './small-study.js';

const engine = {
  events: (scheme: string) => ['hypercall', 'pageCopy', ...(scheme === 'radix' ? ['pageUpdate'] : [])],
  models: ['direct', 'insert', 'nested'],
};

const small = `id: small
title: Small
description: Nothing but parts.
scheme: vhpt
models:
  direct: {control: exists}
  insert: {control: hypothetical, driver: exists, guest: exists}
defaultModels:
  control: {model: direct, options: {access: trusted}}
  driver: {model: insert}
  guest: {model: insert}
settings:
  pageSize: {title: Page, value: 16 KiB, source: a manual}
  banks: {title: Banks, value: ['0 GiB + 1 GiB', '4 GiB + 3 GiB'], source: a guess, assumed: true}
  hypervisorMemory: {title: Hypervisor, value: 64 MiB, source: a guess}
  controlDomainMemory: {title: Control, value: 512 MiB, source: a guess}
  kernelGranule: {title: Granule, value: 16 MiB, source: a manual}
  tlbEntries: {title: TLB, value: 128, source: a manual}
  vhptEntries: {title: VHPT, value: 65536, source: a manual}
  insertClip: {title: Clip, value: page, source: a manual}
  clock: {title: Clock, value: 2 GHz, source: a manual}
  linkBandwidth: {title: Link, value: 1 Gbit/s, source: a manual}
  linkLatency: {title: Latency, value: 50 us, source: a manual}
  socketBuffer: {title: Buffer, value: 128 KiB, source: a manual}
  segmentSize: {title: Segment, value: 1448 B, source: a manual}
  grants: {title: Grants, value: {version: 1, tableFrames: 4, maptrackFrames: 64, map: true, transfer: true, copy: false}, source: a header}
  guestP2m: {title: Array, value: {entry: 8 B}, source: a manual}
  hypervisorP2m: {title: p2m, value: {entry: 8 B, levels: 3}, source: a manual}
costs:
  hypercall: {value: 1500, low: 500, high: 5000, unit: cycles, source: a paper}
  pageCopy: {value: 12, low: 5, high: 40, unit: us, source: a guess, assumed: true}
`;

/** All settings of nodes, with these links. */
const nodes = (links: string): string =>
  `  nodeLinks: {title: Links, value: ${links}, source: a manual}
  nodeDistances: {title: Distances, value: [10, 16], source: a manual}
  nodeBandwidth: {title: Bandwidth, value: 6.4 GB/s, source: a manual}
  sustainedBandwidth: {title: Sustained, value: 70 %, source: a manual}
  nodeLinkBandwidth: {title: Links, value: 4 GB/s, source: a manual}
  lineSize: {title: Line, value: 64 B, source: a manual}
  linesInFlight: {title: In flight, value: 4, source: a manual}
  readDemand: {title: Reader, value: 1 GB/s, source: a manual}
  readTimes: {title: Reads, value: [100, 110], source: a manual}
  writeDemand: {title: Writer, value: 2 GB/s, source: a manual}
  writeTimes: {title: Writes, value: [100, 110], source: a manual}`;

const parse = (text: string) => parsePlatform(parseYaml(text, 'small.yaml'), engine);

describe('a platform without mistakes', () => {
  const platform = parse(small);

  it('has its settings as plain numbers: bytes, bit/s, ns, Hz', () => {
    expect(platform.amounts).toEqual({
      scheme: 'vhpt',
      pageSize: 16_384,
      banks: [
        { start: 0, size: 2 ** 30 },
        { start: 2 ** 32, size: 3 * 2 ** 30 },
      ],
      hypervisorMemory: 2 ** 26,
      controlDomainMemory: 2 ** 29,
      kernelGranule: 2 ** 24,
      tlbEntries: 128,
      vhptEntries: 65_536,
      insertClip: 'page',
      guestP2m: { entry: 8 },
      hypervisorP2m: { entry: 8, levels: 3 },
      clock: 2e9,
      linkBandwidth: 1e9,
      linkLatency: 50_000,
      socketBuffer: 131_072,
      segmentSize: 1448,
      grants: { version: 1, tableFrames: 4, maptrackFrames: 64, map: true, transfer: true, copy: false },
    });
  });

  it('has its settings as they were written, with their sources', () => {
    expect(platform.settings[0]).toEqual({
      name: 'pageSize',
      title: 'Page',
      value: '16',
      unit: 'KiB',
      source: 'a manual',
      assumed: false,
    });
    expect(platform.settings[1]).toMatchObject({ value: '0 GiB + 1 GiB, 4 GiB + 3 GiB', unit: '', assumed: true });
  });

  it('says how long a unit of each cost is: a cycle of 2 GHz is half a nanosecond', () => {
    expect(platform.costs['hypercall']).toMatchObject({ value: 1500, unit: 'cycles', unitNs: 0.5 });
    expect(platform.costs['pageCopy']).toMatchObject({ value: 12, unit: 'us', unitNs: 1000 });
  });
});

describe('each mistake is reported with its place', () => {
  it.each([
    [
      'an event without a cost',
      'hypercall:',
      'hypercal:',
      'small.yaml:30:3: costs.hypercal: there is no event "hypercal"\n  expected one of "hypercall" or "pageCopy"\n  did you mean "hypercall"?',
    ],
    [
      'an event that has no cost',
      'hypercall:',
      'hypercal:',
      'small.yaml:30:3: costs.hypercall: "hypercall" is missing\n  expected a cost for every event that can occur in the scheme vhpt',
    ],
    [
      'a cost outside its range',
      'low: 500',
      'low: 2000',
      'small.yaml:30:14: costs.hypercall: low 2000, value 1500, high 5000 are not in this order\n  expected low ≤ value ≤ high',
    ],
    [
      'a cost in an unknown unit',
      'unit: cycles',
      'unit: cycle',
      'small.yaml:30:56: costs.hypercall.unit: "cycle" is not known here\n  expected one of "cycles", "ns", "us" or "ms"\n  did you mean "cycles"?',
    ],
    [
      'a cost without a source',
      ', source: a paper',
      '',
      'small.yaml:30:14: costs.hypercall.source: "source" is missing\n  expected text',
    ],
    [
      'a negative size',
      '64 MiB',
      '-64 MiB',
      'small.yaml:15:48: settings.hypervisorMemory.value: "-64 MiB" is below zero\n  expected a quantity of zero or more',
    ],
    [
      'a setting that nobody reads',
      'tlbEntries:',
      'tlbEntires:',
      'small.yaml:18:3: settings.tlbEntires: there is no key "tlbEntires" here\n  expected one of "pageSize", "banks", "hypervisorMemory", "controlDomainMemory", "kernelGranule", "tlbEntries", "vhptEntries", "insertClip", "guestP2m", "hypervisorP2m", … (27 in all)\n  did you mean "tlbEntries"?',
    ],
    [
      'a page size that is no power of two',
      '16 KiB',
      '15 KiB',
      'small.yaml:13:34: settings.pageSize.value: 15360 B is no power of two\n  expected a power of two',
    ],
    [
      'a bank that is none',
      '4 GiB + 3 GiB',
      '4 GiB',
      'small.yaml:14:50: settings.banks.value[1]: "4 GiB" is no bank\n  expected start + size, such as "4 GiB + 3 GiB"',
    ],
    [
      'banks that overlap',
      '4 GiB + 3 GiB',
      '0.5 GiB + 3 GiB',
      'small.yaml:14:50: settings.banks.value[1]: starts before the bank above it ends\n  expected banks in ascending order that do not overlap',
    ],
    [
      'no memory left',
      '512 MiB',
      '8 GiB',
      'small.yaml:16:48: settings.controlDomainMemory.value: leaves no memory for guests\n  expected less than the banks have, with the hypervisor taken off',
    ],
    [
      'a version of grant tables that never was',
      'version: 1',
      'version: 3',
      'small.yaml:26:44: settings.grants.value.version: "3" does not fit here\n  expected 1 or 2',
    ],
    [
      'a clock that stands',
      '2 GHz',
      '0 GHz',
      'small.yaml:21:32: settings.clock.value: is zero\n  expected more than zero',
    ],
    [
      'a model that the engine has not',
      '  direct: {control',
      '  dirct: {control',
      'small.yaml:6:3: models.dirct: there is no memory model "dirct"\n  expected one of "direct", "insert" or "nested"\n  did you mean "direct"?',
    ],
    [
      'a default that "models" does not list',
      '{model: direct, options',
      '{model: shadow, options',
      'small.yaml:9:20: defaultModels.control.model: there is no memory model "shadow"\n  expected one of "direct", "insert" or "nested"',
    ],
    [
      'no scheme of translation',
      'scheme: vhpt\n',
      '',
      'small.yaml:1:1: scheme: "scheme" is missing\n  expected one of "vhpt", "radix" or "hash"',
    ],
    [
      'a scheme of translation that nobody knows',
      'scheme: vhpt',
      'scheme: vhtp',
      'small.yaml:4:9: scheme: "vhtp" is not known here\n  expected one of "vhpt", "radix" or "hash"\n  did you mean "vhpt"?',
    ],
    [
      'a setting of another scheme',
      '  vhptEntries: ',
      '  walkCache: ',
      'small.yaml:19:3: settings.walkCache: there is no key "walkCache" here\n  expected one of "pageSize", "banks", "hypervisorMemory", "controlDomainMemory", "kernelGranule", "tlbEntries", "vhptEntries", "insertClip", "guestP2m", "hypervisorP2m", … (27 in all)',
    ],
    [
      'a bank on a node of a platform that has none',
      '4 GiB + 3 GiB',
      '4 GiB + 3 GiB on node 1',
      'small.yaml:14:50: settings.banks.value[1]: names a node\n  expected the settings of nodes, too',
    ],
    [
      'a node without what belongs to it',
      '  clock:',
      "  nodeLinks: {title: Links, value: ['0-1'], source: a manual}\n  clock:",
      'small.yaml:21:14: settings.nodeLinks: stands without what belongs to it\n  expected the other settings of nodes, or none of them: nodeDistances, nodeBandwidth, sustainedBandwidth, nodeLinkBandwidth, lineSize, linesInFlight, readDemand, readTimes, writeDemand, writeTimes',
    ],
    [
      'a bank on a node that no link names',
      "'4 GiB + 3 GiB'], source: a guess, assumed: true}",
      `'4 GiB + 3 GiB on node 2'], source: a guess, assumed: true}\n${nodes("['0-1']")}`,
      'small.yaml:14:50: settings.banks.value[1]: names no node of the host\n  expected on node 0 to 1',
    ],
    [
      'a node that no link reaches',
      'source: a guess, assumed: true}',
      `source: a guess, assumed: true}\n${nodes("['0-1', '2-3']")}`,
      'small.yaml:15:36: settings.nodeLinks.value: leaves nodes that no link reaches\n  expected links from every node',
    ],
    [
      'a link that is none',
      'source: a guess, assumed: true}',
      `source: a guess, assumed: true}\n${nodes("['0 to 1']")}`,
      'small.yaml:15:37: settings.nodeLinks.value[0]: "0 to 1" does not fit here\n  expected two nodes, such as "0-1"',
    ],
    [
      'the cost of an event that cannot occur in the scheme',
      '  pageCopy: ',
      '  pageUpdate: ',
      'small.yaml:31:3: costs.pageUpdate: "pageUpdate" cannot occur in the scheme vhpt\n  expected costs of events that can',
    ],
  ])('%s', (_title, from, to, message) => {
    const text = small.replace(from, to);
    expect(mistakesIn(() => parse(text)).map(format)).toContain(message);
  });
});

describe('a platform of the radix scheme', () => {
  it('has the shape of its TLBs, walk cache, tables of the hypervisor and paging pool', () => {
    expect(parse(smallRadix).amounts).toMatchObject({
      scheme: 'radix',
      tlb: [
        { entries: 64, pageBytes: 4096, ways: 4 },
        { entries: 8, pageBytes: 2 ** 21, ways: 8 },
      ],
      secondTlb: [],
      walkCache: [16, 4],
      nestedTlb: [{ entries: 16, pageBytes: 4096, ways: 16 }],
      frameTable: { entry: 32, covers: 'chunks', chunk: 2 ** 21 },
      pagingPool: { pagesAVcpu: 256, nestedPagesAMebibyte: 1, shadowPagesAMebibyte: 2, pagesADomain: 0, multipleOf: 1 },
    });
  });

  it('shows lists and tables in words', () => {
    const shown = (name: string) => parse(smallRadix).settings.find((setting) => setting.name === name)?.value;
    expect(shown('tlb')).toBe('64 entries of 4 KiB, 4 ways; 8 entries of 2 MiB, 8 ways');
    expect(shown('secondTlb')).toBe('none');
    expect(shown('frameTable')).toBe('entry 32 B, covers chunks, chunk 2 MiB');
  });

  it.each([
    [
      'entries that make no power of two of sets',
      '64 entries of 4 KiB, 4 ways',
      '60 entries of 4 KiB, 4 ways',
      'settings.tlb.value[0]: "60 entries of 4 KiB, 4 ways" is no set of TLB entries\n  expected entries, page size and ways, in a power of two of sets, such as "64 entries of 4 KiB, 4 ways"',
    ],
    [
      'entries of a size that the tables do not have',
      '8 entries of 2 MiB',
      '8 entries of 4 MiB',
      'settings.tlb.value[1]: 4194304 B is no size of an entry\n  expected pageSize, or 512 times a size that entries have',
    ],
    [
      'a size of entry that comes twice',
      '8 entries of 2 MiB',
      '8 entries of 4 KiB',
      'settings.tlb.value[1]: is no larger than the size before\n  expected sizes in ascending order',
    ],
    [
      'a largest page that the tables do not have',
      'value: 1 GiB, source: a manual',
      'value: 1 MiB, source: a manual',
      'settings.largestPage.value: 1048576 B is no size of an entry\n  expected pageSize, or 512 times a size that entries have',
    ],
    [
      'a cost that only this scheme needs',
      '  pageUpdate:',
      '  pageCopied:',
      'costs.pageUpdate: "pageUpdate" is missing\n  expected a cost for every event that can occur in the scheme radix',
    ],
    [
      'a condition whose default is none of its values',
      'default: all',
      'default: some',
      'conditions.iommu.default: there is no value of iommu "some"\n  expected one of "all" or "none"',
    ],
    [
      'a case of a condition that is not left open',
      '[{iommu: all}]',
      '[{controlDma: none}]',
      'onlyWith.nested.control[0].controlDma: there is no condition "controlDma"\n  expected "iommu"',
    ],
    [
      'a case with a value that the condition does not have',
      '[{iommu: all}]',
      '[{iommu: some}]',
      'onlyWith.nested.control[0].iommu: there is no value of iommu "some"\n  expected one of "all" or "none"',
    ],
    [
      'a case of a model that is not there',
      'onlyWith:\n  nested: {control:',
      'onlyWith:\n  nested: {driver:',
      'onlyWith.nested.driver: the driver cannot be nested by "models"\n  expected a model that "models" lists for driver',
    ],
    [
      'a default model that the default conditions rule out',
      'default: all',
      'default: none',
      'defaultModels.control.model: the control cannot be nested as "conditions" are by default\n  expected iommu: all as the default, or another model',
    ],
  ])('%s is reported', (_title, from, to, message) => {
    expect(smallRadix).toContain(from);
    const messages = mistakesIn(() => parse(smallRadix.replace(from, to))).map(format);
    expect(messages.map((each) => each.replace(/^small\.yaml:\d+:\d+: /u, ''))).toContain(message);
  });

  it('needs each of its settings', () => {
    for (const name of radixSettings) {
      const without = smallRadix.replace(new RegExp(`^  ${name}: .*\n`, 'mu'), '');
      const messages = mistakesIn(() => parse(without)).map(format);
      expect(messages.join('\n'), name).toContain(`settings.${name}: "${name}" is missing`);
    }
  });
});

it('a platform of the hash scheme has the size of its TLB and of its table', () => {
  expect(parse(smallHash).amounts).toMatchObject({
    scheme: 'hash',
    tlbEntries: 1024,
    memoryToTable: 64,
    frameTable: { entry: 32, covers: 'chunks', chunk: 2 ** 21 },
  });
});
