import { describe, expect, it } from 'vitest';
import {
  type Platform,
  Iommu,
  assignDevice,
  audit,
  buildDomain,
  destroyDomain,
  isFinding,
} from '../../../engine/index.js';
import { FrameState, NO_OWNER } from '../../../engine/host/frame-table.js';
import { PAGE, domainOn, hostOf, platformOf, radixPlatformOf, radixScheme } from '../support.js';

const pool: NonNullable<Platform['pagingPool']> = {
  pagesAVcpu: 5,
  pagesAMebibyte: { nested: 1, shadow: 2 },
  pagesADomain: 1,
  multipleOf: 4,
};

describe('tables with an entry for each frame', () => {
  it('are made in chunks that describe memory, and a hole between banks costs nothing', () => {
    // A chunk of one page describes 256 frames. Banks touch chunks 0 and 1, and 40: three of them.
    const frameTable = { bytesAFrame: PAGE / 256, covers: 'chunks', chunkBytes: PAGE } as const;
    const host = hostOf(
      platformOf(
        [
          [0, 300],
          [40 * 256, 10],
        ],
        { frameTable },
      ),
    );
    expect(host.hypervisor.pages('frame table')).toBe(3);
    expect(host.heap.freeFrames).toBe(310 - 3);
    expect(audit(host)).toEqual([]);
  });

  it.each([
    [
      'a hole between banks',
      [
        [0, 64],
        [192, 64],
      ],
      4,
    ],
    ['a part of a chunk', [[0, 65]], 2],
    [
      'the size from which chunks are large',
      [
        [0, 256],
        [448, 64],
      ],
      8,
    ],
    [
      'a part of a large chunk',
      [
        [0, 256],
        [512, 64],
      ],
      16,
    ],
  ] as const)('that span memory pay for %s', (_title, banks, pages) => {
    // 64 frames a page; chunks of 2 pages, and of 8 from 8 pages on.
    const chunks = { chunkBytes: PAGE, largeChunkBytes: 8 * PAGE };
    const frameTable = { bytesAFrame: PAGE / 64, covers: 'span', ...chunks } as const;
    const host = hostOf(platformOf(banks, { frameTable }));
    expect(host.hypervisor.pages('frame table')).toBe(pages);
    expect(audit(host)).toEqual([]);
  });

  it('that memory has no room for stop the host from booting', () => {
    const frameTable = { bytesAFrame: PAGE, covers: 'span', chunkBytes: 64 * PAGE } as const;
    expect(() => hostOf(platformOf([[0, 32]], { frameTable }))).toThrow('no room for a frame table of 64 pages');
  });
});

describe('the pool for the tables of a VP domain', () => {
  const host = () => hostOf(platformOf([[0, 256]], { pagingPool: pool }));
  const build = (on: ReturnType<typeof host>, paging: 'nested' | 'shadow', pages: number) =>
    buildDomain(
      on,
      { name: 'guest', model: 'insert', paging, builder: on.simulation.ledger.account('builder') },
      pages,
    );

  it.each([
    // 128 pages of 16 KiB are 2 MiB: 5 + 2 + 1 = 8, and 5 + 4 + 1 = 10, in multiples of 4.
    ['nested', 8],
    ['shadow', 12],
  ] as const)('of a %s one is by the rule of the platform', (paging, pages) => {
    const on = host();
    expect(isFinding(build(on, paging, 128))).toBe(false);
    expect(on.hypervisor.pages('paging pool')).toBe(pages);
    expect(on.heap.freeFrames).toBe(256 - 128 - pages);
    expect(audit(on)).toEqual([]);
  });

  it('is given back when the domain is destroyed', () => {
    const on = host();
    const guest = build(on, 'nested', 128);
    if (isFinding(guest)) throw new Error(guest.detail);
    expect(destroyDomain(guest, on.simulation.ledger.account('builder'))).toBeNull();
    expect(on.heap.freeFrames).toBe(256);
    expect(audit(on)).toEqual([]);
  });

  it('is not left behind when the memory does not suffice, or it does not itself', () => {
    const on = host();
    expect(build(on, 'nested', 255)).toMatchObject({ operation: 'build', rule: 'heap-has-room' });
    expect(on.heap.freeFrames).toBe(256);
    domainOn(on, 'other', 'p2m', 252);
    expect(build(on, 'nested', 1)).toMatchObject({ operation: 'build', rule: 'pool-has-room' });
    expect(on.heap.freeFrames).toBe(4);
    expect(audit(on)).toEqual([]);
  });
});

describe('what the hypervisor keeps for a domain', () => {
  const scheme = radixScheme({ identityStage: true });
  const variants = [
    { model: 'direct', options: {} },
    { model: 'p2m', options: {} },
    { model: 'nested', options: {} },
  ] as const;

  it.each(variants)('is what the heap has less beside its memory, and goes with it: $model', ({ model, options }) => {
    const host = hostOf(radixPlatformOf([[0, 4096]], { scheme }));
    const free = host.heap.freeFrames;
    const domain = domainOn(host, 'domain', model, 300, options);
    const taken = (): number => free - host.heap.freeFrames - domain.model.ownedFrames().length;
    expect(host.hypervisor.pagesFor(domain.id)).toBe(taken());
    const built = taken();
    const spec = { name: 'iommu', iotlb: [{ sets: 2, ways: 2 }], walkCache: null, invalidation: 'strict' } as const;
    const guard = { iommu: new Iommu(host, spec), holds: 'own' } as const;
    const device = assignDevice(domain, { name: 'nic', addressBits: 64 }, guard);
    if (isFinding(device)) throw new Error(device.detail);
    expect(host.hypervisor.pages('IOMMU table', domain.id)).toBe(device.context!.tablePages);
    expect(host.hypervisor.pagesFor(domain.id)).toBe(taken());
    for (let count = 0; count < 3; count += 1) domain.balloon.out();
    expect(host.hypervisor.pagesFor(domain.id)).toBe(taken());
    expect(audit(host)).toEqual([]);
    expect(model === 'p2m' ? built === 0 : built > 3).toBe(true);
    expect(destroyDomain(domain, domain.builder)).toBeNull();
    expect([host.heap.freeFrames, host.hypervisor.pagesFor(domain.id), audit(host)]).toEqual([free, 0, []]);
  });

  it('is audited: a frame that it keeps is reserved, and for a domain that is there', () => {
    const host = hostOf(platformOf([[0, 64]]));
    const kept = host.hypervisor.takeFrame('second stage', 9);
    expect(audit(host).map(({ rule }) => rule)).toEqual(['conservation']);
    host.frames.setState(kept, FrameState.owned, 9);
    expect(audit(host).filter(({ detail }) => detail.includes('not reserved'))).toHaveLength(1);
  });
});

describe('a pool', () => {
  it('is taken page by page, so that single free frames go before a chunk is broken', () => {
    const host = hostOf(platformOf([[0, 64]]));
    const taken = Array.from({ length: 8 }, () => host.hypervisor.takeFrame('grant table'));
    for (const mfn of [taken[1], taken[4]]) host.hypervisor.giveBackFrame(mfn);
    const whole = host.heap.largestOrder();
    host.hypervisor.takeSinglePages('paging pool', 2, NO_OWNER);
    expect(new Set(host.hypervisor.frames('paging pool', NO_OWNER))).toEqual(new Set([taken[1], taken[4]]));
    expect(host.heap.largestOrder()).toBe(whole);
    expect(host.hypervisor.takeSinglePages('paging pool', 64, NO_OWNER)).toBe(false);
    expect(audit(host)).toEqual([]);
  });
});
