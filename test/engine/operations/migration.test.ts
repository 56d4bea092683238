import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Domain,
  Host,
  type Link,
  type Migration,
  type Platform,
  Program,
  Simulation,
  audit,
  encodeAccess,
  isFinding,
  migrate,
  reliableLink,
} from '../../../engine/index.js';
import { walk } from '../../../engine/domain/walk.js';
import { beginLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { VARIANTS, costs, domainOn, platformOf, vhptScheme } from '../support.js';

type Variant = Omit<(typeof VARIANTS)[number], 'title'>;

interface Scene {
  readonly simulation: Simulation;
  readonly source: Host;
  readonly target: Host;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly guest: Domain;
}

const GUEST_PAGES = 256;
const insert: Variant = { model: 'insert', options: {} };

const setUp = (platform: Platform, control: Variant, guest: Variant, guestPages = GUEST_PAGES): Scene => {
  const simulation = new Simulation(platform, 'migration');
  const source = new Host('source', simulation);
  const target = new Host('target', simulation);
  const built = {
    simulation,
    source,
    target,
    control: domainOn(source, 'control', control.model, 4096, control.options),
    guest: domainOn(source, 'guest', guest.model, guestPages, guest.options),
    targetControl: domainOn(target, 'target control', control.model, 4096, control.options),
  };
  return built;
};

const wide = (own: Partial<Platform> = {}): Platform =>
  platformOf(
    [
      [0, 8192],
      [16_384, 8192],
    ],
    { scheme: vhptScheme({ tlbEntries: 32, vhptEntries: 1024 }), socketBufferPages: 4, ...own },
  );

const writer = (guest: Domain, pages: number, intervalNs: number): Program => {
  for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  const stream = guest.host.simulation.stream('writer');
  const program = new Program(
    guest,
    {
      pages,
      fill(buffer) {
        for (let index = 0; index < 64; index += 1)
          buffer[index] = encodeAccess(stream.below(pages), stream.below(4) > 0);
        return 64;
      },
    },
    intervalNs,
  );
  guest.host.simulation.clock.start(program);
  return program;
};

const moved = (result: ReturnType<typeof migrate>): Migration => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

describe('a migration', () => {
  for (const control of VARIANTS) {
    for (const guest of VARIANTS) {
      if (guest.model === 'direct') continue;
      it(`delivers every page of a writing guest: control domain ${control.title}, guest ${guest.title}`, () => {
        const scene = setUp(wide({ costs: costs(300) }), control, guest);
        const program = writer(scene.guest, 100, 20_000);
        scene.simulation.clock.advanceTo(1e6);
        const migration = moved(migrate({ ...scene, program, link: reliableLink(scene.simulation.platform.link) }));
        expect(migration.rounds.length).toBeGreaterThan(2);
        const { untilStop, downtime } = migration.elapsed;
        const sum = (times: object): number => Object.values(times).reduce((all: number, ns: number) => all + ns, 0);
        expect(sum(downtime)).toBeCloseTo(migration.downtimeNs, 3);
        expect(sum(untilStop)).toBeCloseTo(migration.totalNs - migration.downtimeNs, 3);
        expect(Math.min(...Object.values(untilStop), ...Object.values(downtime))).toBeGreaterThanOrEqual(0);
        expect(migration.verification).toMatchObject({
          frames: GUEST_PAGES,
          pages: 100,
          wrongFrames: [],
          wrongPages: [],
        });
        expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
        expect(scene.source.domains.has(scene.guest.id)).toBe(false);
        const before = program.accesses;
        scene.simulation.clock.advanceTo(scene.simulation.clock.nowNs + 1e7);
        expect(program.accesses).toBeGreaterThan(before);
        expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
      });
    }
  }

  it('gives the guest no frame of a P==M guest in other places: refused with the frame and the rule, and nothing changes', () => {
    const direct: Variant = { model: 'direct', options: { access: 'restricted' } };
    const scene = setUp(wide(), direct, direct);
    const program = writer(scene.guest, 10, 1000);
    domainOn(scene.target, 'neighbour', 'direct', 64, direct.options);
    const first = scene.guest.model.ownedFrames()[0];
    const result = migrate({ ...scene, program, link: reliableLink(scene.simulation.platform.link) });
    expect(result).toEqual({
      operation: 'migrate',
      model: 'direct',
      rule: 'same-frames-free',
      detail: `frame 0x${first.toString(16)} of target is owned by neighbour, and 63 more of its 256 frames are taken`,
    });
    expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
    scene.simulation.clock.advanceTo(1e6);
    expect(program.accesses).toBe(1000);
  });

  it('moves a P==M guest where the very same frames are free', () => {
    const direct: Variant = { model: 'direct', options: { access: 'restricted' } };
    const scene = setUp(wide(), direct, direct);
    const frames = scene.guest.model.ownedFrames();
    const migration = moved(migrate({ ...scene, link: reliableLink(scene.simulation.platform.link) }));
    expect(migration.guest.model.ownedFrames()).toEqual(frames);
    expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
  });

  it('is refused when the target has no room, and the guest goes on', () => {
    const scene = setUp(wide(), insert, insert, 512);
    domainOn(scene.target, 'neighbour', 'insert', 12_000);
    const program = writer(scene.guest, 10, 1000);
    const result = migrate({ ...scene, program, link: reliableLink(scene.simulation.platform.link) });
    expect(result).toMatchObject({ operation: 'migrate', rule: 'heap-has-room' });
    expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
    scene.simulation.clock.advanceTo(1e6);
    expect(program.accesses).toBe(1000);
  });
});

describe('the contents check', () => {
  const lossy = (platform: Platform, loses: (sent: Map<number, number>, pfn: number) => boolean): Link => {
    const sent = new Map<number, number>();
    return {
      ...reliableLink(platform.link),
      carry(message) {
        sent.set(message.pfn, (sent.get(message.pfn) ?? 0) + 1);
        return loses(sent, message.pfn) ? null : message;
      },
    };
  };

  it('fails when a single page that was written again is dropped', () => {
    const platform = wide();
    const scene = setUp(platform, insert, insert);
    const program = writer(scene.guest, 100, 20_000);
    scene.simulation.clock.advanceTo(1e6);
    let victim = -1;
    const link = lossy(platform, (sent, pfn) => {
      if (victim < 0 && sent.get(pfn) === 2) victim = pfn;
      return pfn === victim;
    });
    const { verification } = moved(migrate({ ...scene, program, link }));
    expect(victim).toBeGreaterThanOrEqual(0);
    expect(verification.wrongFrames).toEqual([victim]);
  });

  it('fails when the dirty log misses one page', () => {
    const scene = setUp(wide(), insert, insert);
    const program = writer(scene.guest, 100, 20_000);
    scene.simulation.clock.advanceTo(1e6);
    const blind = scene.guest.log.mapped(7);
    const link = reliableLink(scene.simulation.platform.link);
    const forgetful: Link = {
      ...link,
      carry(message) {
        const log = scene.guest.dirtyLog;
        if (log !== null && Object.getOwnPropertyDescriptor(log, 'mark') === undefined) {
          const mark = log.mark.bind(log);
          log.mark = (pfn) => (pfn === blind ? undefined : mark(pfn));
        }
        return message;
      },
    };
    const { verification } = moved(migrate({ ...scene, program, link: forgetful }));
    expect(verification.wrongFrames).toEqual([blind]);
  });

  it('fails when a page table of a P2M guest is not canonicalised', () => {
    const p2m: Variant = { model: 'p2m', options: {} };
    const platform = wide();
    const scene = setUp(platform, p2m, p2m);
    const program = writer(scene.guest, 50, 20_000);
    const [root, middle, leaf] = scene.guest.pageTable.tablePfns;
    expect(scene.guest.pageTable.tablePfns).toHaveLength(3);
    const raw = scene.source.tables.get(scene.guest.model.machineFrame(leaf))!.slice();
    const link: Link = {
      ...reliableLink(platform.link),
      carry: (message) => (message.pfn === leaf ? { ...message, entries: raw } : message),
    };
    const { verification, guest } = moved(migrate({ ...scene, program, link }));
    expect(verification.wrongFrames).toEqual([]);
    expect(verification.wrongPages).toHaveLength(50);
    expect(root).not.toBe(middle);
    expect(walk(guest, 0)).not.toBe(guest.model.machineFrame(guest.log.mapped(0)));
  });
});

describe('closed forms', () => {
  it('with every cost zero an idle guest takes exactly bytes / bandwidth', () => {
    for (const control of VARIANTS) {
      const scene = setUp(wide(), control, insert);
      const migration = moved(migrate({ ...scene, link: reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 }) }));
      expect(migration.totalNs).toBe((GUEST_PAGES * 16_384 * 8 * 1e9) / 1e9);
      expect(migration.rounds.map(({ sent }) => sent)).toEqual([GUEST_PAGES, 0, 0]);
    }
  });

  it('what the control domain spends on translating the pages that it reads takes time too', () => {
    const faultNs = 1e6;
    const scene = setUp(wide({ costs: costs(0, { translationFault: faultNs }) }), insert, insert, 64);
    const { rounds } = moved(migrate({ ...scene, link: reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 }) }));
    // Each of the guest's pages is read through a mapping of its own, so each read is a miss; the wire takes a tenth of that.
    expect(rounds[0].durationNs).toBeGreaterThanOrEqual(64 * faultNs);
  });

  it('latency is added once, since pages follow each other', () => {
    const scene = setUp(wide(), insert, insert);
    const migration = moved(migrate({ ...scene, link: reliableLink({ bitsPerSecond: 1e9, latencyNs: 777 }) }));
    expect(migration.totalNs).toBe(GUEST_PAGES * 131_072 + 777);
  });

  it('with costs an idle guest takes what the sum of its steps says, whatever the costs are', () => {
    const cost = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(
        fc.record({
          hypercall: cost,
          p2mLookup: fc.constantFrom(0, 500),
          foreignEnter: cost,
          foreignRemove: cost,
          pteStore: cost,
          purge: cost,
        }),
        fc.record({ bitmapChunk: cost, pageCopy: cost, segmentSend: cost, dmaMap: cost, suspend: cost, resume: cost }),
        (first, second) => {
          const c = { ...first, ...second };
          const pages = 64;
          const buffers = 4;
          const segments = Math.ceil(16_384 / 1448);
          const wire = 131_072;
          // Translation is free here but for the p2m look-up of an insert, so that is taken out of it.
          const platform = wide({ costs: costs(0, c), scheme: vhptScheme({ vhptEntries: 2 ** 16, tlbEntries: 4096 }) });
          const scene = setUp(platform, insert, insert, pages);
          const translations = (name: string): number =>
            scene.simulation.ledger
              .entries()
              .filter(
                ({ mechanism, event, domain, phase }) =>
                  mechanism === 'translation' && event === 'p2mLookup' && domain === name && phase === 'migration',
              )
              .reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
          const migration = moved(migrate({ ...scene, link: reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 }) }));

          const dma = segments * (c.segmentSend + c.dmaMap + c.hypercall + c.p2mLookup);
          const read = c.hypercall + c.bitmapChunk;
          const map = pages * (c.hypercall + c.foreignEnter + c.pteStore);
          const unmap = pages * (c.pteStore + c.purge + c.hypercall + c.foreignRemove);
          const send = pages * (c.pageCopy + dma);
          const controlCpu =
            c.hypercall + read + c.hypercall + map + send + unmap + read + c.suspend + read + c.hypercall;
          expect(migration.controlCpuNs - translations('control')).toBeCloseTo(controlCpu + scrubbed(scene, pages), 3);

          if (c.p2mLookup !== 0) return;
          let mapped = c.hypercall + read + c.hypercall + map;
          let canonicalised = 0;
          let sent = 0;
          let received = 0;
          const onWire: number[] = [];
          const done: number[] = [];
          for (let page = 0; page < pages; page += 1) {
            canonicalised = Math.max(canonicalised, mapped, onWire[page - buffers] ?? 0);
            sent = Math.max(canonicalised, sent) + c.pageCopy + dma;
            onWire.push(Math.max(sent, onWire[page - 1] ?? 0, done[page - buffers] ?? 0) + wire);
            received = Math.max(onWire[page], received) + c.pageCopy + dma + (page === 0 ? map : 0);
            done.push(received);
          }
          mapped = Math.max(mapped, sent) + unmap;
          received += unmap;
          const stopped = Math.max(sent, mapped) + read + c.suspend;
          const resumed = Math.max(received, stopped + read) + c.resume;
          expect(migration.totalNs).toBeCloseTo(resumed, 3);
          expect(migration.downtimeNs).toBeCloseTo(resumed - stopped, 3);
        },
      ),
      {
        numRuns: 60,
        seed: 7,
        examples: [
          [
            { hypercall: 1000, p2mLookup: 0, foreignEnter: 300, foreignRemove: 500, pteStore: 20, purge: 70 },
            { bitmapChunk: 90, pageCopy: 12_000, segmentSend: 4000, dmaMap: 100, suspend: 1e6, resume: 2e6 },
          ],
        ],
      },
    );
  });

  it('a uniform random writer dirties N(1 − (1 − 1/N)^k) pages, within 1 %', () => {
    const pages = 65_536;
    for (const share of [0.25, 1, 3]) {
      const simulation = new Simulation(
        platformOf([[0, 2 ** 17]], { kernelGranuleBytes: 2 ** 24, scheme: vhptScheme({ vhptEntries: 2 ** 18 }) }),
        'coverage',
      );
      const host = new Host('source', simulation);
      const guest = domainOn(host, 'guest', 'insert', pages + 100);
      const control = domainOn(host, 'control', 'insert', 64);
      const writes = pages * share;
      for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
      const stream = simulation.stream('writer');
      let left = writes;
      const program = new Program(
        guest,
        {
          pages,
          fill(buffer) {
            const count = Math.min(left, 4096);
            for (let index = 0; index < count; index += 1) buffer[index] = encodeAccess(stream.below(pages), true);
            left -= count;
            return count;
          },
        },
        10,
      );
      beginLogDirty(control, guest, () => {});
      simulation.clock.start(program);
      simulation.clock.advanceTo(1e12);
      const tables = new Set(guest.pageTable.tablePfns);
      const dirty = harvestDirty(control, guest, () => {}).filter((pfn) => !tables.has(pfn)).length;
      const expected = pages * (1 - (1 - 1 / pages) ** writes);
      expect(Math.abs(dirty / expected - 1)).toBeLessThan(0.01);
    }
  });
});

/** What destroying the source cost the control domain: its frames scrubbed and given back. */
const scrubbed = ({ simulation }: Scene, pages: number): number => {
  const { costs: each } = simulation.platform;
  return pages * ((each.pageScrub ?? 0) + (each.pageAllocate ?? 0));
};
