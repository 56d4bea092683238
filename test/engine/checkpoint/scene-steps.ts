import fc from 'fast-check';
import { Program, buildDomain, destroyDomain, isFinding, migrate, reliableLink } from '../../../engine/index.js';
import { mapForeign } from '../../../engine/domain/foreign-mapping.js';
import { beginLogDirty, endLogDirty, harvestDirty } from '../../../engine/operations/log-dirty.js';
import { mapGrants, unmapGrants } from '../../../engine/grants/map-grants.js';
import { DEVICE_STEPS, takeDeviceAway } from './device-steps.js';
import { DRIVER_STEPS } from './driver-steps.js';
import { GRANT_STEPS, referencesOf } from './grant-steps.js';
import { MOVING_STEPS } from './moving-steps.js';
import { PROGRAM_PAGES, type Scene, type SceneStep, patternOf } from './scene.js';

const GUEST_PAGES = 32;
/** Frames that a guest keeps for page tables. */
const SPARE = 8;
/** A tool's pages for mappings of its own, above those of a migration. */
const MAPPING_PAGES = 4096;

/** The program's pages are the first, and those that steps map come after. */
const pageOf = (page: number): number => PROGRAM_PAGES + page;

/** Every operation whose state a checkpoint must hold, on a guest that is there. */
const STEPS: Readonly<Record<string, SceneStep>> = {
  destroy(scene, guest, _page, number) {
    const { domain, program, mappings, granted, views, connected } = guest;
    if (mappings.length + granted.length + views.length > 0 || connected !== null) return;
    takeDeviceAway(guest);
    if (program !== null) scene.simulation.clock.stop(program);
    guest.program = null;
    if (destroyDomain(domain, scene.controlOf(domain.host).account) === null) scene.guests[number] = null;
  },
  map(_scene, { domain }, page) {
    if (domain.log.mapped(pageOf(page)) >= 0 || domain.free.count < SPARE) return;
    domain.mapPage(pageOf(page), domain.free.take()!, page % 3 !== 0);
  },
  unmap(_scene, { domain }, page) {
    if (domain.log.mapped(pageOf(page)) >= 0) domain.unmapPage(pageOf(page));
  },
  write(_scene, { domain }, page) {
    domain.writePage(pageOf(page));
  },
  'kernel write'(_scene, { domain }, page) {
    const owned = domain.model.ownedFrames();
    const pfn = owned[page % owned.length];
    if (domain.pv === null || !domain.tablePfns.includes(pfn)) domain.writeKernel(pfn);
  },
  start(scene, guest, _page, number) {
    const { domain } = guest;
    if (guest.program !== null || domain.free.count < PROGRAM_PAGES + SPARE) return;
    for (let vpn = 0; vpn < PROGRAM_PAGES; vpn += 1) {
      if (domain.log.mapped(vpn) < 0) domain.mapPage(vpn, domain.free.take()!, true);
    }
    guest.program = new Program(domain, patternOf(scene.simulation.stream(`accesses ${number}`)), 100);
    scene.simulation.clock.start(guest.program);
  },
  stop(scene, guest) {
    if (guest.program !== null) scene.simulation.clock.stop(guest.program);
    guest.program = null;
  },
  advance({ simulation: { clock } }, _guest, page) {
    clock.advanceTo(clock.nowNs + 1000 * page);
  },
  'balloon out'(_scene, { domain }) {
    if (domain.free.count >= SPARE) domain.balloon.out();
  },
  'balloon in'(_scene, { domain }) {
    if (domain.balloon.frames.length > 0) domain.balloon.in(domain.balloon.frames[0]);
  },
  log(scene, { domain, program }) {
    if (domain.dirtyLog === null) beginLogDirty(scene.controlOf(domain.host), domain, (ns) => program?.stall(ns));
  },
  harvest(scene, { domain, program }) {
    if (domain.dirtyLog !== null) harvestDirty(scene.controlOf(domain.host), domain, (ns) => program?.stall(ns));
  },
  'stop logging'(scene, { domain, program }) {
    if (domain.dirtyLog !== null) endLogDirty(scene.controlOf(domain.host), domain, (ns) => program?.stall(ns));
  },
  'map foreign'(scene, { domain, mappings }, page) {
    if (mappings.length > 1) return;
    const pfns = domain.model.ownedFrames().slice(page, page + 2);
    const firstPage = MAPPING_PAGES + (scene.nextMapping % 64) * 2;
    const tool = scene.controlOf(domain.host);
    const mapping = mapForeign(tool, domain, pfns, { writable: page % 2 === 0, firstPage });
    if (isFinding(mapping)) return;
    scene.nextMapping += 1;
    mappings.push(mapping);
  },
  'touch foreign'(_scene, { mappings }, page) {
    mappings.at(-1)?.read(page % 2);
  },
  'unmap foreign'(_scene, { mappings }) {
    mappings.pop()?.unmap();
  },
  grant(scene, guest, page) {
    const { domain, granted } = guest;
    const opened = referencesOf(guest);
    if (opened === null) return;
    const owned = domain.model.ownedFrames();
    const tool = scene.controlOf(domain.host);
    const reference = opened.grantAccess(tool, owned[page % owned.length], 'write');
    if (isFinding(reference)) return;
    const [mapped] = mapGrants(tool, [{ granter: domain, reference, writable: page % 2 === 0 }]);
    if (!isFinding(mapped)) granted.push({ reference, ...mapped });
  },
  'end grant'(scene, { domain, references, granted, lent }) {
    if (lent.length > 0) return;
    const last = granted.pop();
    if (last === undefined) return;
    unmapGrants(scene.controlOf(domain.host), [last]);
    references!.endAccess(last.reference);
  },
  migrate(scene, guest) {
    const { domain, program, mappings, granted, devices, views, connected } = guest;
    if (
      connected !== null ||
      devices.length > 0 ||
      domain.dirtyLog !== null ||
      mappings.length + granted.length + views.length > 0
    )
      return;
    const target = scene.simulation.hosts.find((host) => host !== domain.host)!;
    const moved = migrate({
      guest: domain,
      ...(program === null ? {} : { program }),
      control: scene.controlOf(domain.host),
      targetControl: scene.controlOf(target),
      link: reliableLink({ bitsPerSecond: 1e11, latencyNs: 500 }),
    });
    if (isFinding(moved)) return;
    guest.domain = moved.guest;
    guest.references = null;
  },
};

const ALL_STEPS = { ...STEPS, ...DEVICE_STEPS, ...GRANT_STEPS, ...DRIVER_STEPS, ...MOVING_STEPS };
const KINDS = Object.keys(ALL_STEPS);

export interface Step {
  readonly kind: string;
  readonly guest: number;
  readonly page: number;
}

/** Half as many steps at least, of all kinds or of these. */
export const steps = (length: number, kinds: readonly string[] = KINDS): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), guest: fc.nat(1), page: fc.nat(15) }), {
    minLength: length / 2,
    maxLength: length,
    size: 'max',
  });

export const take = (scene: Scene, { kind, guest: number, page }: Step): void => {
  const guest = scene.guests[number];
  if (guest !== null) {
    if (guest.move === null || kind === 'advance' || Object.hasOwn(MOVING_STEPS, kind)) {
      ALL_STEPS[kind]?.(scene, guest, page, number);
    }
    return;
  }
  // A place without a guest is filled by whatever step comes to it, so that most steps find one.
  const host = scene.simulation.hosts[0];
  const { model, options } = scene.spec.guest;
  const builder = scene.controlOf(host).account;
  const domain = buildDomain(host, { name: `guest ${number}`, model, options, builder }, GUEST_PAGES);
  if (isFinding(domain)) return;
  scene.guests[number] = {
    domain,
    program: null,
    mappings: [],
    references: null,
    granted: [],
    devices: [],
    buffers: [],
    lent: [],
    views: [],
    connected: null,
    move: null,
  };
};
