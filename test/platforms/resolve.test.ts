import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { XEN_IA64_AUGUST_2006, XEN_IA64_JANUARY_2006 } from '../../engine/grants/rules.js';
import { EVENT_NAMES, Host, type Platform, Simulation, eventsIn } from '../../engine/index.js';
import { packageRoot } from '../../input/package-root.js';
import { readPlatform } from '../../input/platform.js';
import { costsOfDraw, drawCosts } from '../../runner/cost-draws.js';
import { ENGINE_NAMES } from '../../runner/index.js';
import { platformUnder, resolvePlatform } from '../../runner/resolve-platform.js';
import { OPTERON } from '../engine/numa/support.js';

const MIB = 2 ** 20;

const resolved = (id: string): Platform => {
  const file = readPlatform(join(packageRoot(), 'platforms', `${id}.yaml`), ENGINE_NAMES);
  return resolvePlatform(file, costsOfDraw(file, drawCosts(file, 1, 1), 0));
};

const radixOf = (id: string) => {
  const { scheme } = resolved(id);
  if (scheme.kind !== 'radix') throw new Error(`${id} walks no radix tables`);
  return scheme;
};

const entriesOf = (arrays: readonly { readonly sets: number; readonly ways: number }[]): number[] =>
  arrays.map(({ sets, ways }) => sets * ways);

describe.each(['ia64-2006', 'x86-64-2006', 'ppc64-2006', 'x86-64-2026', 'arm64-2026', 'opteron-2006', 'altix-2006'])(
  '%s in the engine',
  (id) => {
    const platform = resolved(id);

    it('costs what can occur in its scheme, and nothing else', () => {
      const { kind } = platform.scheme;
      expect(EVENT_NAMES.filter((event) => platform.costs[event] !== undefined)).toEqual(eventsIn(kind));
    });

    it('boots, with room for its domain0 and as much again for guests', () => {
      const host = new Host('host', new Simulation(platform, 'boot'));
      expect(host.heap.freeFrames * platform.pageBytes).toBeGreaterThan(2 * platform.controlDomainBytes);
    });
  },
);

describe('a TLB of the engine', () => {
  it('is the second one where two keep a size, and the only one where one does', () => {
    expect(entriesOf(radixOf('x86-64-2026').caches.tlb)).toEqual([1536, 1536, 4]);
    expect(entriesOf(radixOf('x86-64-2006').caches.tlb)).toEqual([512, 8]);
  });

  it('has no ways of a size that nothing keeps: single pages of the second stage, on a Cortex-A76', () => {
    expect(entriesOf(radixOf('arm64-2026').nestedCaches.tlb)).toEqual([0, 1280, 1280]);
    expect(radixOf('x86-64-2006').nestedCaches).toEqual({ tlb: [], walkCache: [] });
  });
});

it('tables of radix platforms have 512 entries on 4 levels, and pages of 1 GiB today but not in 2006', () => {
  expect(radixOf('x86-64-2006').format).toEqual({ levels: 4, indexBits: 9, largestLeaf: 1 });
  expect(radixOf('x86-64-2026').format).toEqual({ levels: 4, indexBits: 9, largestLeaf: 2 });
  expect(radixOf('arm64-2026').format).toEqual({ levels: 4, indexBits: 9, largestLeaf: 2 });
});

it('META-05: the pool of a guest of 4 vCPUs and 4 GiB has 20 MiB when nested and 36 MiB with shadow', () => {
  const { pagingPool, pageBytes } = resolved('x86-64-2026');
  const mebibytes = (paging: 'nested' | 'shadow'): number =>
    ((4 * pagingPool!.pagesAVcpu + 4096 * pagingPool!.pagesAMebibyte[paging]) * pageBytes) / MIB;
  expect([mebibytes('nested'), mebibytes('shadow')]).toEqual([20, 36]);
});

it('META-01, META-04: bytes a frame of frame table and m2p', () => {
  const bytes = (id: string) => [resolved(id).frameTable?.bytesAFrame, resolved(id).machineToPhysical?.bytesAFrame];
  expect(bytes('x86-64-2026')).toEqual([32, 8]);
  expect(bytes('x86-64-2006')).toEqual([40, 8]);
  expect(bytes('arm64-2026')).toEqual([56, undefined]);
  expect(bytes('ia64-2006')).toEqual([undefined, undefined]);
});

it('IO-16 and the date: 64 and 1024 frames of grants today; on ia64 all of August 2006, or the stubs of January; no copy on x86 before August', () => {
  expect(resolved('x86-64-2026').grants).toMatchObject({ version: 2, tableFrames: 64, maptrackFrames: 1024 });
  expect(resolved('arm64-2026').grants).toMatchObject({ tableFrames: 64, maptrackFrames: 1024 });
  for (const id of ['ia64-2006', 'altix-2006']) {
    expect(resolved(id).grants).toEqual(XEN_IA64_AUGUST_2006);
    expect(platformUnder(resolved(id), { grantOperations: 'stubs' }).grants).toEqual(XEN_IA64_JANUARY_2006);
  }
  expect(resolved('x86-64-2006').grants).toMatchObject({ map: true, transfer: true, copy: false });
});

it('altix-2006 costs what ia64-2006 does: nodes are all that sets it apart', () => {
  expect(resolved('altix-2006').costs).toEqual(resolved('ia64-2006').costs);
  expect(resolved('altix-2006').scheme).toEqual(resolved('ia64-2006').scheme);
});

describe('opteron-2006', () => {
  it('NUMA-00 to NUMA-04 are its settings', () => {
    expect(resolved('opteron-2006').numa).toEqual({
      topology: {
        links: [
          [0, 1],
          [0, 2],
          [1, 3],
          [2, 3],
        ],
        distances: [
          [10, 16, 16, 22],
          [16, 10, 22, 16],
          [16, 22, 10, 16],
          [22, 16, 16, 10],
        ],
      },
      distancesByHops: [10, 16, 22],
      timing: OPTERON,
    });
  });

  it('has 2 GiB on each node', () => {
    const { banks } = resolved('opteron-2006');
    const on = [0, 1, 2, 3].map((node) => banks.filter((bank) => bank.node === node));
    expect(on.map((each) => each.reduce((sum, { size }) => sum + size, 0) / MIB)).toEqual([2048, 2048, 2048, 2048]);
  });

  it('costs what x86-64-2006 does: nodes are all that sets it apart', () => {
    expect(resolved('opteron-2006').costs).toEqual(resolved('x86-64-2006').costs);
  });
});
