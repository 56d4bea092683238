import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Finding,
  Host,
  type Link,
  type Migration,
  type Platform,
  Program,
  Simulation,
  TOOL_POST_COPY,
  audit,
  encodeAccess,
  isFinding,
  migrate,
  reliableLink,
  sharedLink,
} from '../../../engine/index.js';
import { VARIANTS, costs, domainOn, platformOf } from '../support.js';

const PAGES = 256;
const PAGE_NS = 131_072;
const LATENCY_NS = 5000;
const GIGABIT = { bitsPerSecond: 1e9, latencyNs: LATENCY_NS };

const setUp = (guestVariant = VARIANTS[3], own: Partial<Platform> = {}) => {
  const simulation = new Simulation(platformOf([[0, 2048]], own), 'post-copy');
  const source = new Host('source', simulation);
  const target = new Host('target', simulation);
  const control = domainOn(source, 'control', 'insert', 400);
  const targetControl = domainOn(target, 'target control', 'insert', 400);
  const guest = domainOn(source, 'guest', guestVariant.model, PAGES, guestVariant.options);
  return { simulation, source, target, control, targetControl, guest };
};

/** Goes through the pages from the last one down, the order that the pages do not come in. */
const backwards = (guest: Domain, pages: number, intervalNs: number): Program => {
  for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  let at = pages;
  const fill = (buffer: Uint32Array): number => {
    at = at === 0 ? pages - 1 : at - 1;
    buffer[0] = encodeAccess(at, true);
    return 1;
  };
  const program = new Program(guest, { pages, fill }, intervalNs);
  guest.host.simulation.clock.start(program);
  return program;
};

const run = (scene: ReturnType<typeof setUp>, link: Link, program?: Program): Migration | Finding =>
  migrate({ ...scene, link, tool: TOOL_POST_COPY, ...(program === undefined ? {} : { program }) });

const moved = (result: Migration | Finding): Migration => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

describe('post-copy', () => {
  it('stops an idle guest for its page tables and the latency only, and takes bytes over bandwidth in all', () => {
    const scene = setUp();
    scene.guest.mapPage(0, scene.guest.free.take()!, true);
    const tables = scene.guest.pageTable.tablePfns.length;
    const result = moved(run(scene, reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 })));
    expect(result.downtimeNs).toBe(tables * PAGE_NS);
    expect(result.totalNs).toBe(PAGES * PAGE_NS);
    const { untilStop, downtime, afterwards } = result.elapsed;
    expect([untilStop.wire, downtime.wire, afterwards.wire]).toEqual([0, tables * PAGE_NS, (PAGES - tables) * PAGE_NS]);
    expect(result.pagesSent).toBe(PAGES);
    expect(result.verification).toMatchObject({ frames: PAGES, wrongFrames: [], wrongPages: [] });
  });

  for (const variant of VARIANTS.slice(3)) {
    it(`brings each page that the guest touches first, once, with all that it wrote (${variant.title})`, () => {
      const scene = setUp(variant, { costs: costs(300) });
      const program = backwards(scene.guest, 200, 100_000);
      scene.simulation.clock.advanceTo(1e6);
      const result = moved(run(scene, reliableLink(GIGABIT), program));
      expect(result.rounds[1].skipped).toBeGreaterThan(20);
      expect(result.pagesSent).toBe(PAGES);
      expect(result.verification).toMatchObject({ frames: PAGES, wrongFrames: [], wrongPages: [] });
      expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
      const before = program.accesses;
      scene.simulation.clock.advanceTo(scene.simulation.clock.nowNs + 1e7);
      expect(program.accesses).toBeGreaterThan(before + 90);
    });
  }

  it('lets the guest wait for a page that it touches: there and back, behind what waits for the wire, and the page on it', () => {
    const scene = setUp();
    const intervalNs = 1e6;
    const program = backwards(scene.guest, 200, intervalNs);
    const before = program.accesses;
    const { totalNs, downtimeNs, rounds } = moved(run(scene, reliableLink(GIGABIT), program));
    const accesses = program.accesses - before;
    const fetched = rounds[1].skipped;
    expect(fetched).toBeGreaterThan(10);
    const buffered = scene.simulation.platform.socketBufferPages;
    const waits = (pagesOnTheWire: number): number => fetched * (2 * LATENCY_NS + pagesOnTheWire * PAGE_NS);
    const waited = totalNs - downtimeNs - accesses * intervalNs;
    expect(waited).toBeGreaterThan(waits(1) - intervalNs);
    expect(waited).toBeLessThan(waits(buffered + 2));
  });

  it('is refused where the guest knows machine frames, and it goes on', () => {
    for (const variant of VARIANTS.slice(1, 3)) {
      const scene = setUp(variant);
      expect(run(scene, reliableLink(GIGABIT))).toMatchObject({ model: variant.model, rule: 'faults-on-absent-pages' });
      expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
    }
  });

  it('loses the guest when the link fails while pages are left behind, and says how many', () => {
    const scene = setUp();
    const program = backwards(scene.guest, 200, 100_000);
    const result = run(scene, sharedLink(GIGABIT, { fails: { afterBytes: 100 * 16_384 } }), program);
    expect(result).toMatchObject({ operation: 'migrate', rule: 'pages-all-here' });
    expect((result as Finding).detail).toMatch(
      /^guest is lost: the link failed when \d+ of its pages were left behind$/u,
    );
    const before = program.accesses;
    scene.simulation.clock.advanceTo(scene.simulation.clock.nowNs + 1e8);
    expect(program.accesses).toBe(before);
    expect([...audit(scene.source), ...audit(scene.target)]).toEqual([]);
  });

  it('leaves the guest where it is when the link fails before the guest was there', () => {
    const scene = setUp();
    const program = backwards(scene.guest, 200, 100_000);
    expect(run(scene, sharedLink(GIGABIT, { fails: { atNs: 0 } }), program)).toMatchObject({ rule: 'link-up' });
    const before = program.accesses;
    scene.simulation.clock.advanceTo(scene.simulation.clock.nowNs + 1e7);
    expect(program.accesses).toBe(before + 100);
  });
});
