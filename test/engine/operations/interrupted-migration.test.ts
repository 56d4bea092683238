import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Domain,
  Host,
  type MigrationRequest,
  MigrationSession,
  Program,
  Simulation,
  TOOL_2006_ADAPTIVE,
  audit,
  encodeAccess,
  isFinding,
  migrate,
  migrateTogether,
  reliableLink,
  sharedLink,
} from '../../../engine/index.js';
import { verifyContents } from '../../../engine/operations/verify-contents.js';
import { VARIANTS, costs, domainOn, platformOf, vhptScheme } from '../support.js';

const PAGES = 96;
const PAGE_NS = 131_072;
const GIGABIT = { bitsPerSecond: 1e9, latencyNs: 1000 };

const setUp = ({ model, options }: (typeof VARIANTS)[number], guests = 1) => {
  const platform = platformOf([[0, 2048]], {
    scheme: vhptScheme({ tlbEntries: 32, vhptEntries: 256 }),
    socketBufferPages: 4,
    costs: costs(200),
  });
  const simulation = new Simulation(platform, 'interrupted');
  const [source, target] = ['source', 'target'].map((name) => new Host(name, simulation));
  const guestModel = model === 'direct' ? 'insert' : model;
  const control = domainOn(source, 'control', model, 700, options);
  const targetControl = domainOn(target, 'target control', model, 700, options);
  const running = Array.from({ length: guests }, (_, index) => {
    const guest = domainOn(source, `guest ${index}`, guestModel, PAGES, model === 'direct' ? {} : options);
    return { guest, program: writer(guest) };
  });
  const hosts = [source, target];
  return { simulation, source, target, control, targetControl, running, hosts };
};

const writer = (guest: Domain): Program => {
  const pages = 48;
  for (let vpn = 0; vpn < pages; vpn += 1) guest.mapPage(vpn, guest.takeFreeFrame()!, true);
  const { simulation } = guest.host;
  const stream = simulation.stream(`writer in ${guest.name}`);
  const fill = (buffer: Uint32Array): number => {
    for (let at = 0; at < 64; at += 1) buffer[at] = encodeAccess(stream.below(pages), stream.below(4) > 0);
    return 64;
  };
  const program = new Program(guest, { pages, fill }, 40_000);
  simulation.clock.start(program);
  return program;
};

const nothingIsWrong = (guest: Domain, hosts: readonly Host[]): void => {
  const { wrongFrames, wrongPages } = verifyContents(guest);
  expect([wrongFrames, wrongPages]).toEqual([[], []]);
  expect(hosts.flatMap((host) => audit(host))).toEqual([]);
};

const goesOn = (simulation: Simulation, program: Program): void => {
  const before = program.accesses;
  simulation.clock.advanceTo(simulation.clock.nowNs + 1e7);
  expect(program.accesses).toBeGreaterThan(before);
};

describe('a link that fails at any moment', () => {
  for (const variant of VARIANTS) {
    it(`loses nothing in 40 moments: the guest goes on at its source, the half-arrived domain is gone (${variant.title})`, () => {
      const { simulation, control, targetControl, target, hosts, running } = setUp(variant);
      const [{ guest, program }] = running;
      const random = simulation.stream('moments');
      let survived = 0;
      const free = (): number => target.heap.freeFrames + targetControl.model.ownedFrames().length;
      const before = free();
      let hereNow: Domain = guest;
      const unhindered = migrate({ guest, program, control, targetControl, link: reliableLink(GIGABIT) });
      if (isFinding(unhindered)) throw new Error(unhindered.detail);
      hereNow = unhindered.guest;
      while (survived < 40) {
        const atNs = simulation.clock.nowNs + (random.uint32() / 2 ** 32) * unhindered.totalNs;
        const link = sharedLink(GIGABIT, { fails: { atNs } });
        const home = hereNow.host === target ? [targetControl, control] : [control, targetControl];
        const request = { guest: hereNow, program, control: home[0], targetControl: home[1], link };
        const result = migrate(request);
        if (isFinding(result)) {
          expect(result.rule).toBe('link-up');
          expect([...home[1].host.domains.values()].map(({ id }) => id)).toEqual([home[1].id]);
          expect(simulation.clock.nowNs).toBeGreaterThanOrEqual(atNs);
          survived += 1;
          if (hereNow.host !== target) expect(free()).toBe(before);
        } else {
          hereNow = result.guest;
        }
        nothingIsWrong(hereNow, hosts);
        goesOn(simulation, program);
      }
    });
  }
});

describe('a migration in steps', () => {
  it('can be given up between any two steps, and the guest goes on with all that it wrote', () => {
    const count = (session: MigrationSession, steps: number): number => {
      let done = 0;
      for (; done < steps && session.result === null; done += 1) session.step();
      return done;
    };
    const request = ({ control, targetControl, running }: ReturnType<typeof setUp>): MigrationRequest => {
      return { ...running[0], control, targetControl, link: reliableLink(GIGABIT) };
    };
    const whole = count(new MigrationSession(request(setUp(VARIANTS[2]))), Infinity);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole - 1 }), fc.constantFrom(...VARIANTS.slice(1)), (steps, variant) => {
        const scene = setUp(variant);
        const session = new MigrationSession(request(scene));
        count(session, steps);
        if (session.result === null) session.abort();
        if (session.result === null) count(session, Infinity);
        const result = session.result!;
        const guest = isFinding(result) ? scene.running[0].guest : result.guest;
        if (isFinding(result)) expect(scene.target.domains.size).toBe(1);
        nothingIsWrong(guest, scene.hosts);
        goesOn(scene.simulation, scene.running[0].program);
        expect(() => session.step()).toThrow('the migration is over');
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('is refused while the guest is on its way already', () => {
    const { control, targetControl, running } = setUp(VARIANTS[3]);
    const request = { ...running[0], control, targetControl, link: reliableLink(GIGABIT) };
    const session = new MigrationSession(request);
    session.step();
    expect(migrate(request)).toMatchObject({ rule: 'one-move-at-a-time' });
  });
});

describe('several migrations at once', () => {
  for (const variant of VARIANTS) {
    it(`each arrive whole, between the same two hosts (${variant.title})`, () => {
      const { control, targetControl, hosts, running, simulation } = setUp(variant, 3);
      const link = sharedLink(GIGABIT);
      const results = migrateTogether(running.map((each) => ({ ...each, control, targetControl, link })));
      for (const [index, result] of results.entries()) {
        if (isFinding(result)) throw new Error(result.detail);
        expect(result.verification).toMatchObject({ frames: PAGES, wrongFrames: [], wrongPages: [] });
        nothingIsWrong(result.guest, hosts);
        goesOn(simulation, running[index].program);
      }
      expect(control.account.entries().filter(({ phase }) => phase === 'after migration')).toEqual([]);
    });
  }

  it('share a link evenly: idle guests of one size take three times as long together, and end within the others’ socket buffers', () => {
    const time = (guests: number): number[] => {
      const platform = platformOf([[0, 2048]], { socketBufferPages: 4 });
      const simulation = new Simulation(platform, 'shared');
      const source = new Host('source', simulation);
      const control = domainOn(source, 'control', 'insert', 300);
      const targetControl = domainOn(new Host('target', simulation), 'target control', 'insert', 300);
      const link = sharedLink({ bitsPerSecond: 1e9, latencyNs: 0 });
      const moving = Array.from({ length: guests }, (_, index) => domainOn(source, `guest ${index}`, 'insert', PAGES));
      return migrateTogether(moving.map((guest) => ({ guest, control, targetControl, link }))).map((result) => {
        if (isFinding(result)) throw new Error(result.detail);
        return result.totalNs;
      });
    };
    expect(time(1)).toEqual([PAGES * PAGE_NS]);
    const three = time(3);
    expect(Math.max(...three)).toBe(3 * PAGES * PAGE_NS);
    expect(Math.min(...three)).toBeGreaterThanOrEqual((3 * PAGES - 2 * 4) * PAGE_NS);
  });

  it('over a link that drops to a tenth after half of an idle guest, the second half takes ten times as long', () => {
    const simulation = new Simulation(platformOf([[0, 2048]]), 'drop');
    const guest = domainOn(new Host('source', simulation), 'guest', 'insert', PAGES);
    const control = domainOn(guest.host, 'control', 'insert', 300);
    const targetControl = domainOn(new Host('target', simulation), 'target control', 'insert', 300);
    const slows = { afterBytes: (PAGES / 2) * 16_384, bitsPerSecond: 1e8 };
    const link = sharedLink({ bitsPerSecond: 1e9, latencyNs: 0 }, { slows });
    const result = migrate({ guest, control, targetControl, link });
    if (isFinding(result)) throw new Error(result.detail);
    expect(result.totalNs).toBeCloseTo((PAGES / 2) * PAGE_NS * 11, 3);
    expect(link.wire!.bytes).toBe(PAGES * 16_384);
  });
});

describe('the tool of 2006 with its rate limiter', () => {
  it('sends at 100 Mbit/s in its first round', () => {
    const { control, targetControl, running } = setUp(VARIANTS[3]);
    const link = reliableLink(GIGABIT);
    const result = migrate({ ...running[0], control, targetControl, link, tool: TOOL_2006_ADAPTIVE });
    if (isFinding(result)) throw new Error(result.detail);
    const [first] = result.rounds;
    const burst = 100 * 1024;
    const bits = (PAGES * 16_384 - burst) * 8;
    expect(Math.abs(first.durationNs / 1e9 / (bits / (100 * 2 ** 20)) - 1)).toBeLessThan(0.1);
    expect(result.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
  });
});
