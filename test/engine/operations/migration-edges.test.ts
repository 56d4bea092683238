import { describe, expect, it } from 'vitest';
import {
  type Domain,
  Host,
  type Migration,
  Nic,
  type Platform,
  Program,
  Simulation,
  audit,
  destroyDomain,
  encodeAccess,
  isFinding,
  migrate,
  reliableLink,
} from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { Runnable } from '../../../engine/host/clock.js';
import { VARIANTS, costs, domainOn, platformOf, vhptScheme } from '../support.js';

type Variant = (typeof VARIANTS)[number];

interface Scene {
  readonly simulation: Simulation;
  readonly source: Host;
  readonly target: Host;
  readonly control: Domain;
  readonly targetControl: Domain;
  readonly guest: Domain;
}

const link = reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 });
const PAGE_NS = 131_072;

const setUp = (control: Variant, guest: Variant, pages = 64, own: Partial<Platform> = {}): Scene => {
  const platform = platformOf(
    [
      [0, 8192],
      [16_384, 8192],
    ],
    { scheme: vhptScheme({ tlbEntries: 32, vhptEntries: 1024 }), socketBufferPages: 4, ...own },
  );
  const simulation = new Simulation(platform, 'edges');
  const source = new Host('source', simulation);
  const target = new Host('target', simulation);
  return {
    simulation,
    source,
    target,
    control: domainOn(source, 'control', control.model, 4096, control.options),
    guest: domainOn(source, 'guest', guest.model, pages, guest.options),
    targetControl: domainOn(target, 'target control', control.model, 4096, control.options),
  };
};

const moved = (result: ReturnType<typeof migrate>): Migration => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

const violations = ({ source, target }: Scene) => [...audit(source), ...audit(target)];

/** Does something once, at a moment of virtual time. */
const once = (atNs: number, act: () => void): Runnable => {
  let done = false;
  return {
    runUntil(ns) {
      if (done || ns < atNs) return;
      done = true;
      act();
    },
  };
};

const [, , p2m, insert] = VARIANTS;

for (const control of VARIANTS) {
  for (const guest of VARIANTS) {
    if (guest.model === 'direct') continue;
    describe(`control domain ${control.title}, guest ${guest.title}`, () => {
      it('carries what the guest knows: its free frames, and those ballooned out, which it can have back', () => {
        const scene = setUp(control, guest);
        const out = scene.guest.balloon.out();
        if (isFinding(out)) throw new Error(out.detail);
        const free = scene.guest.free.copy();
        const { guest: arrived } = moved(migrate({ ...scene, link }));
        expect(arrived.free.copy()).toEqual(free);
        expect(arrived.balloon.frames).toEqual([out]);
        expect(arrived.balloon.in(out)).toBeNull();
        expect(arrived.model.ownedFrames()).toHaveLength(64);
        expect(violations(scene)).toEqual([]);
      });

      it('moves a guest of one page through a socket of one page', () => {
        const scene = setUp(control, guest, 1, { socketBufferPages: 1 });
        expect(moved(migrate({ ...scene, link })).totalNs).toBe(PAGE_NS);
        expect(violations(scene)).toEqual([]);
      });

      it('goes there and back again and again, and no frame is lost', () => {
        const scene = setUp(control, guest, 1500);
        const controls = [scene.control, scene.targetControl];
        const free = (): number[] => controls.map(({ host, free: { count } }) => host.heap.freeFrames + count);
        const seen: number[][] = [];
        let { guest: at } = scene;
        for (let trip = 0; trip < 4; trip += 1) {
          at = moved(
            migrate({ guest: at, control: controls[trip % 2], targetControl: controls[1 - (trip % 2)], link }),
          ).guest;
          for (const domain of controls) for (const pfn of domain.free.copy()) domain.readKernel(pfn);
          expect(violations(scene)).toEqual([]);
          seen.push(free());
        }
        expect(seen.slice(2)).toEqual(seen.slice(0, 2));
      });

      it('follows a guest that balloons a frame in, or out and in again, while it moves', () => {
        const scene = setUp(control, guest);
        const [last, first] = [63, 0].map(asPfn);
        scene.guest.free.set([last, ...scene.guest.free.copy().filter((pfn) => pfn !== last)]);
        expect(scene.guest.balloon.out()).toBe(last);
        const refusals: unknown[] = [];
        scene.simulation.clock.start(once(20 * PAGE_NS, () => refusals.push(scene.guest.balloon.in(last))));
        scene.simulation.clock.start(
          once(40 * PAGE_NS, () => {
            scene.guest.free.giveBack(scene.guest.free.take()!);
            const out = scene.guest.balloon.out();
            if (!isFinding(out)) refusals.push(scene.guest.balloon.in(out));
            scene.guest.writeKernel(first);
          }),
        );
        const { guest: arrived, verification } = moved(migrate({ ...scene, link }));
        expect(refusals.every((refusal) => refusal === null)).toBe(true);
        expect(arrived.model.ownedFrames()).toHaveLength(64);
        expect(verification.wrongFrames).toEqual([]);
        expect(violations(scene)).toEqual([]);
      });

      it('is refused within one host, and while the guest maps frames of others', () => {
        const scene = setUp(control, guest);
        expect(migrate({ ...scene, targetControl: scene.control, link })).toMatchObject({
          rule: 'another-host',
          detail: 'guest is on source already',
        });
        const other = domainOn(scene.source, 'other', 'insert', 16);
        const mapping = mapForeign(scene.guest, other, [asPfn(3)], { writable: true, firstPage: 0 });
        if (isFinding(mapping)) throw new Error(mapping.detail);
        expect(migrate({ ...scene, link })).toMatchObject({ operation: 'migrate', rule: 'maps-no-others' });
        expect(destroyDomain(scene.guest, scene.control.account)).toMatchObject({
          operation: 'destroy',
          rule: 'maps-no-others',
        });
        expect(violations(scene)).toEqual([]);
        mapping.unmap();
        expect(destroyDomain(scene.guest, scene.control.account)).toBeNull();
        expect(violations(scene)).toEqual([]);
      });

      it.each(['control', 'targetControl'] as const)('is refused where %s lacks frames for its socket', (poor) => {
        const scene = setUp(control, guest);
        while (scene[poor].free.count > 3) scene[poor].free.take();
        const free = [scene.source, scene.target].map(({ heap }) => heap.freeFrames);
        expect(migrate({ ...scene, link })).toMatchObject({ operation: 'migrate', rule: 'frames-for-socket' });
        expect([scene.source, scene.target].map(({ heap }) => heap.freeFrames)).toEqual(free);
        expect(violations(scene)).toEqual([]);
      });
    });
  }
}

describe('a P2M guest that once mapped frames of others', () => {
  it('has the places that it lent back, as ballooned-out frames, where it arrives', () => {
    const p2m = VARIANTS.find(({ model }) => model === 'p2m')!;
    const scene = setUp(p2m, p2m);
    const { source, guest } = scene;
    const other = domainOn(source, 'other', 'insert', 8);
    const mapping = mapForeign(guest, other, [asPfn(1), asPfn(2)], { writable: false, firstPage: 0 });
    if (isFinding(mapping)) throw new Error(mapping.detail);
    mapping.unmap();
    const places = [...guest.model.emptyPlaces()];
    expect(places).toHaveLength(2);
    const arrived = moved(migrate({ ...scene, link })).guest;
    expect(new Set(arrived.balloon.frames)).toEqual(new Set(places));
    for (const pfn of places) expect(arrived.balloon.in(pfn)).toBe(null);
    expect(arrived.model.ownedFrames()).toHaveLength(64);
    expect(violations(scene)).toEqual([]);
  });
});

describe('a migration that is given up on the way', () => {
  it('leaves nothing behind on the target, and the guest runs on without logging', () => {
    const scene = setUp(p2m, insert, 3000);
    while (scene.targetControl.free.count > 1500) scene.targetControl.free.take();
    scene.guest.mapPage(0, scene.guest.free.take()!, true);
    const program = new Program(
      scene.guest,
      { pages: 1, fill: (buffer) => buffer.fill(encodeAccess(0, true)).length },
      1000,
    );
    scene.simulation.clock.start(program);
    const owned = scene.targetControl.model.ownedFrames().length;
    const result = migrate({ ...scene, program, link });
    expect(result).toMatchObject({ operation: 'migrate', rule: 'frames-to-borrow' });
    expect(scene.guest.dirtyLog).toBeNull();
    expect([...scene.target.domains.values()]).toEqual([scene.targetControl]);
    expect(scene.targetControl.model.ownedFrames().length).toBeLessThanOrEqual(owned);
    expect(scene.control.foreign.size + scene.targetControl.foreign.size).toBe(0);
    expect(violations(scene)).toEqual([]);
    const before = program.accesses;
    scene.simulation.clock.advanceTo(scene.simulation.clock.nowNs + 1e6);
    expect(program.accesses).toBe(before + 1000);
    expect(violations(scene)).toEqual([]);
  });
});

describe('what the log of a moving guest sees and costs', () => {
  it('a page that a device fills after it was sent arrives as the device left it', () => {
    const scene = setUp(insert, insert);
    const nic = new Nic(scene.guest);
    scene.simulation.clock.start(once(40 * PAGE_NS, () => nic.receive(asPfn(2), scene.simulation.nextStamp())));
    const { verification, rounds } = moved(migrate({ ...scene, link }));
    expect(rounds.reduce((sum, { sent }) => sum + sent, 0)).toBe(65);
    expect(verification.wrongFrames).toEqual([]);
  });

  it('flushes when logging begins, at each harvest, and when it ends', () => {
    const scene = setUp(insert, insert);
    const { rounds } = moved(migrate({ ...scene, link }));
    expect(scene.guest.account.count('flushAll', 'migration')).toBe(1 + (rounds.length - 1) + 1);
  });

  it('takes the time of each flush from the program of the guest', () => {
    const accesses = (flushAll: number): number => {
      const scene = setUp(insert, insert, 64, { costs: costs(0, { flushAll }) });
      scene.guest.mapPage(0, scene.guest.free.take()!, false);
      const reader = { pages: 1, fill: (buffer: Uint32Array) => buffer.fill(encodeAccess(0, false)).length };
      const program = new Program(scene.guest, reader, 1000);
      scene.simulation.clock.start(program);
      moved(migrate({ ...scene, program, link }));
      return program.accesses;
    };
    expect(accesses(0) - accesses(1e6)).toBe(1000);
  });
});
