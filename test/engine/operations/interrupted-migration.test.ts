import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Host,
  type MigrationRequest,
  MigrationSession,
  Simulation,
  audit,
  destroyDomain,
  TOOL_2006_ADAPTIVE,
  isFinding,
  migrate,
  migrateTogether,
  reliableLink,
  sharedLink,
} from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { VARIANTS, domainOn, platformOf } from '../support.js';
import { GIGABIT, PAGES, goesOn, nothingIsWrong, setUp } from './migration-scene.js';

const PAGE_NS = 131_072;

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
    const whole = count(MigrationSession.begin(request(setUp(VARIANTS[2]))), Infinity);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole - 1 }), fc.constantFrom(...VARIANTS.slice(1)), (steps, variant) => {
        const scene = setUp(variant);
        const session = MigrationSession.begin(request(scene));
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
    const session = MigrationSession.begin(request);
    session.step();
    expect(migrate(request)).toMatchObject({ rule: 'one-move-at-a-time' });
  });

  it('ends where it was when others have memory of the guest by the time that it would run elsewhere', () => {
    const { control, targetControl, target, running, hosts } = setUp(VARIANTS[3]);
    const [{ guest, program }] = running;
    const session = MigrationSession.begin({ guest, program, control, targetControl, link: reliableLink(GIGABIT) });
    session.step();
    const page = { writable: false, firstPage: 100_000 };
    const mapping = mapForeign(control, guest, guest.model.ownedFrames().slice(0, 1), page);
    if (isFinding(mapping)) throw new Error(mapping.detail);
    while (session.result === null) session.step();
    expect(session.result).toMatchObject({ operation: 'migrate', rule: 'not-referenced' });
    expect([...target.domains.values()]).toEqual([targetControl]);
    mapping.unmap();
    goesOn(guest.host.simulation, program);
    nothingIsWrong(guest, hosts);
  });

  it('keeps its guest from being destroyed until it is given up', () => {
    const { control, targetControl, running, hosts, simulation } = setUp(VARIANTS[3]);
    const [{ guest, program }] = running;
    const session = MigrationSession.begin({ guest, program, control, targetControl, link: reliableLink(GIGABIT) });
    session.step();
    expect(destroyDomain(guest, control.account)).toMatchObject({ operation: 'destroy', rule: 'not-on-its-way' });
    session.abort();
    simulation.clock.stop(program);
    expect(destroyDomain(guest, control.account)).toBe(null);
    expect(hosts.flatMap((host) => audit(host))).toEqual([]);
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
