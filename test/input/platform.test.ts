import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../input/package-root.js';
import { parsePlatform } from '../../input/platform.js';
import { format } from '../../input/user-error.js';
import { parseYaml } from '../../input/yaml-file.js';
import { mistakesIn } from './small-study.js';

const engine = { events: ['hypercall', 'pageCopy'], models: ['direct', 'insert'] };

const small = `id: small
title: Small
description: Nothing but parts.
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
costs:
  hypercall: {value: 1500, low: 500, high: 5000, unit: cycles, source: a paper}
  pageCopy: {value: 12, low: 5, high: 40, unit: us, source: a guess, assumed: true}
`;

const parse = (text: string) => parsePlatform(parseYaml(text, 'small.yaml'), engine);

describe('a platform without mistakes', () => {
  const platform = parse(small);

  it('has its settings as plain numbers: bytes, bit/s, ns, Hz', () => {
    expect(platform.amounts).toEqual({
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
      clock: 2e9,
      linkBandwidth: 1e9,
      linkLatency: 50_000,
      socketBuffer: 131_072,
      segmentSize: 1448,
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
      'small.yaml:26:3: costs.hypercal: there is no event "hypercal"\n  expected one of "hypercall" or "pageCopy"\n  did you mean "hypercall"?',
    ],
    [
      'an event that has no cost',
      'hypercall:',
      'hypercal:',
      'small.yaml:26:3: costs.hypercall: "hypercall" is missing\n  expected a cost for every event of the engine',
    ],
    [
      'a cost outside its range',
      'low: 500',
      'low: 2000',
      'small.yaml:26:14: costs.hypercall: low 2000, value 1500, high 5000 are not in this order\n  expected low ≤ value ≤ high',
    ],
    [
      'a cost in an unknown unit',
      'unit: cycles',
      'unit: cycle',
      'small.yaml:26:56: costs.hypercall.unit: "cycle" is not known here\n  expected one of "cycles", "ns", "us" or "ms"\n  did you mean "cycles"?',
    ],
    [
      'a cost without a source',
      ', source: a paper',
      '',
      'small.yaml:26:14: costs.hypercall.source: "source" is missing\n  expected text',
    ],
    [
      'a negative size',
      '64 MiB',
      '-64 MiB',
      'small.yaml:14:48: settings.hypervisorMemory.value: "-64 MiB" is below zero\n  expected a quantity of zero or more',
    ],
    [
      'a setting that nobody reads',
      'tlbEntries:',
      'tlbEntires:',
      'small.yaml:17:3: settings.tlbEntires: there is no key "tlbEntires" here\n  expected one of "pageSize", "banks", "hypervisorMemory", "controlDomainMemory", "kernelGranule", "tlbEntries", "vhptEntries", "insertClip", "clock", "linkBandwidth", … (13 in all)\n  did you mean "tlbEntries"?',
    ],
    [
      'a page size that is no power of two',
      '16 KiB',
      '15 KiB',
      'small.yaml:12:34: settings.pageSize.value: 15360 B is no power of two\n  expected a power of two',
    ],
    [
      'a bank that is none',
      '4 GiB + 3 GiB',
      '4 GiB',
      'small.yaml:13:50: settings.banks.value[1]: "4 GiB" is no bank\n  expected start + size, such as "4 GiB + 3 GiB"',
    ],
    [
      'banks that overlap',
      '4 GiB + 3 GiB',
      '0.5 GiB + 3 GiB',
      'small.yaml:13:50: settings.banks.value[1]: starts before the bank above it ends\n  expected banks in ascending order that do not overlap',
    ],
    [
      'no memory left',
      '512 MiB',
      '8 GiB',
      'small.yaml:15:48: settings.controlDomainMemory.value: leaves no memory for guests\n  expected less than the banks have, with the hypervisor taken off',
    ],
    [
      'a clock that stands',
      '2 GHz',
      '0 GHz',
      'small.yaml:20:32: settings.clock.value: is zero\n  expected more than zero',
    ],
    [
      'a model that the engine has not',
      '  direct: {control',
      '  dirct: {control',
      'small.yaml:5:3: models.dirct: there is no memory model "dirct"\n  expected one of "direct" or "insert"\n  did you mean "direct"?',
    ],
    [
      'a default that "models" does not list',
      '{model: direct, options',
      '{model: shadow, options',
      'small.yaml:8:20: defaultModels.control.model: there is no memory model "shadow"\n  expected one of "direct" or "insert"',
    ],
  ])('%s', (_title, from, to, message) => {
    const text = small.replace(from, to);
    expect(mistakesIn(() => parse(text)).map(format)).toContain(message);
  });
});

it('the shipped platform gives a source for every cost and every setting', () => {
  const file = join(packageRoot(), 'platforms', 'ia64-2006.yaml');
  const source = parseYaml(readFileSync(file, 'utf8'), 'ia64-2006.yaml');
  const written = source.value as {
    costs: Record<string, { source: string }>;
    settings: Record<string, { source: string }>;
  };
  const stated = [...Object.values(written.costs), ...Object.values(written.settings)];
  expect(stated.length).toBeGreaterThan(30);
  expect(stated.filter((each) => each.source.trim() === '')).toEqual([]);
});
