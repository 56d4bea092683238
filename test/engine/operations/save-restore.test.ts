import { describe, expect, it } from 'vitest';
import {
  type Domain,
  type Finding,
  Host,
  Program,
  type SavedGuest,
  Simulation,
  audit,
  encodeAccess,
  isFinding,
  migrate,
  reliableLink,
  restoreDomain,
  saveDomain,
} from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { VARIANTS, costs, domainOn, platformOf } from '../support.js';

const PAGES = 1500;
const direct = VARIANTS[1];

const setUp = (guestVariant: (typeof VARIANTS)[number], pages = PAGES, controlVariant = guestVariant) => {
  const simulation = new Simulation(platformOf([[0, 8192]], { costs: costs(0) }), 'save');
  const host = new Host('source', simulation);
  const control = domainOn(host, 'control', controlVariant.model, 3000, controlVariant.options);
  const guest = domainOn(host, 'guest', guestVariant.model, pages, guestVariant.options);
  for (let vpn = 0; vpn < 40; vpn += 1) guest.mapPage(vpn, guest.free.take()!, true);
  let at = 0;
  const fill = (buffer: Uint32Array): number => {
    for (let index = 0; index < 16; index += 1) buffer[index] = encodeAccess((at += 7) % 40, true);
    return 16;
  };
  const program = new Program(guest, { pages: 40, fill }, 1000);
  simulation.clock.start(program);
  simulation.clock.advanceTo(1e6);
  return { simulation, host, control, guest, program };
};

const ok = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

const DISK = { diskBytesPerSecond: 16_384 * 1e4 };

describe('a guest whose memory another domain has', () => {
  it.each(VARIANTS)('is neither saved nor migrated, and goes on where it is: $title', (variant) => {
    const { simulation, host, control, guest } = setUp(variant, 300, direct);
    const target = domainOn(new Host('target', simulation), 'other control', direct.model, 3000, direct.options);
    const lent = guest.free.take()!;
    const mapping = ok(mapForeign(control, guest, [lent], { writable: false, firstPage: 0 }));
    const link = reliableLink(simulation.platform.link);
    const move = { guest, control, targetControl: target, link };
    expect(migrate(move)).toMatchObject({ operation: 'migrate', rule: 'not-referenced' });
    expect(saveDomain({ guest, control, ...DISK })).toMatchObject({ operation: 'save', rule: 'not-referenced' });
    expect([host.domains.has(guest.id), target.host.domains.size]).toEqual([true, 1]);
    mapping.unmap();
    expect(ok<SavedGuest>(saveDomain({ guest, control, ...DISK })).record.pfns).toHaveLength(300);
    expect(host.domains.has(guest.id)).toBe(false);
    expect(audit(host)).toEqual([]);
  });
});

describe('save and restore', () => {
  for (const control of VARIANTS) {
    for (const variant of VARIANTS) {
      it(`brings every page back, and frees its memory meanwhile: control ${control.title}, guest ${variant.title}`, () => {
        const { host, control: tool, guest, program, simulation } = setUp(variant, 300, control);
        const out = guest.balloon.out() as number;
        const free = guest.free.copy();
        const saved = ok<SavedGuest>(saveDomain({ guest, program, control: tool, ...DISK }));
        expect([...host.domains.values()]).toEqual([tool]);
        expect(audit(host)).toEqual([]);
        const stopped = program.accesses;
        simulation.clock.advanceTo(simulation.clock.nowNs + 1e7);
        expect(program.accesses).toBe(stopped);
        const { guest: back, verification } = ok(restoreDomain(saved, { control: tool, ...DISK }));
        expect(verification).toMatchObject({ frames: 299, pages: 40, wrongFrames: [], wrongPages: [] });
        expect([back.free.copy(), back.balloon.frames]).toEqual([free, [out]]);
        expect(audit(host)).toEqual([]);
        simulation.clock.advanceTo(simulation.clock.nowNs + 1e6);
        expect(program.accesses).toBe(stopped + 1000);
        expect(audit(host)).toEqual([]);
      });
    }
  }

  it('takes bytes over the speed of the disk where nothing else costs time', () => {
    const { control, guest, program } = setUp(VARIANTS[3]);
    const saved = ok<SavedGuest>(saveDomain({ guest, program, control, ...DISK }));
    expect(saved.savedNs).toBeCloseTo(PAGES * 1e5, 3);
    expect(ok(restoreDomain(saved, { control, ...DISK })).restoredNs).toBeCloseTo(PAGES * 1e5, 3);
  });
});

describe('a P==M guest on disk', () => {
  const neighbour = (host: Host, pages: number): Domain => domainOn(host, 'neighbour', 'insert', pages, {});

  it('does not come back once its frames are taken: the finding says how many, whose, and what it would take', () => {
    const { host, control, guest, program } = setUp(direct);
    const [first] = guest.model.ownedFrames();
    const saved = ok<SavedGuest>(saveDomain({ guest, program, control, ...DISK }));
    neighbour(host, 5000);
    const refusal = restoreDomain(saved, { control, ...DISK });
    expect(refusal).toMatchObject({ operation: 'restore', model: 'direct', rule: 'same-frames-free' });
    const detail = new RegExp(
      `^\\d+ of the ${PAGES} frames of guest are taken, 0x${first.toString(16)} first, .* kept`,
      'u',
    );
    expect((refusal as Finding).detail).toMatch(detail);
    expect(audit(host)).toEqual([]);
  });

  it('comes back to frames that were kept for it, which frees no memory', () => {
    const { host, control, guest, program } = setUp(direct);
    const frames = guest.model.ownedFrames();
    const before = host.heap.freeFrames;
    const saved = ok<SavedGuest>(saveDomain({ guest, program, control, keepsFrames: true, ...DISK }));
    expect(host.heap.freeFrames).toBe(before);
    expect(audit(host)).toEqual([]);
    neighbour(host, 3500);
    expect(ok(restoreDomain(saved, { control, ...DISK })).guest.model.ownedFrames()).toEqual(frames);
    expect(audit(host)).toEqual([]);
  });
});

describe('a hypervisor without shadow paging', () => {
  const attempt = (guestVariant: (typeof VARIANTS)[number]) => {
    const simulation = new Simulation(platformOf([[0, 4096]], { shadowPaging: false }), 'without shadowing');
    const source = new Host('source', simulation);
    const guest = domainOn(source, 'guest', guestVariant.model, 64, guestVariant.options);
    const control = domainOn(source, 'control', 'insert', 512);
    const targetControl = domainOn(new Host('target', simulation), 'target control', 'insert', 512);
    return {
      guest,
      control,
      result: migrate({ guest, control, targetControl, link: reliableLink(simulation.platform.link) }),
    };
  };

  it('refuses to migrate a P2M guest, and saves it all the same', () => {
    const { guest, control, result } = attempt(VARIANTS[2]);
    expect(result).toMatchObject({ operation: 'migrate', model: 'p2m', rule: 'shadow-paging-built-in' });
    const saved = ok<SavedGuest>(saveDomain({ guest, control, ...DISK }));
    expect(ok(restoreDomain(saved, { control, ...DISK })).verification.wrongFrames).toEqual([]);
  });

  it('migrates a VP guest', () => expect(isFinding(attempt(VARIANTS[3]).result)).toBe(false));
});
