import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type Domain,
  Host,
  type Violation,
  audit,
  buildDomain,
  destroyDomain,
  isFinding,
  migrate,
  reliableLink,
} from '../../engine/index.js';
import { walk } from '../../engine/domain/domain.js';
import { type ForeignMapping, mapForeign } from '../../engine/domain/foreign-mapping.js';
import { asMfn, asPfn } from '../../engine/host/frame-number.js';
import { BATCH_PAGES } from '../../engine/operations/page-transfer.js';
import { beginLogDirty, endLogDirty, harvestDirty } from '../../engine/operations/log-dirty.js';
import type { TranslationScheme } from '../../engine/platform.js';
import { ReferenceDomain } from './reference.js';
import { type VARIANTS, domainOn, hostOf, platformOf } from './support.js';

const PAGES = 12;
const CONTROL_PAGES = 60;
/** Pages of the tool above those that a migration maps its two batches at. */
const ABOVE_BATCHES = 2 * BATCH_PAGES;

const KINDS = [
  'build',
  'destroy',
  'map',
  'map read-only',
  'unmap',
  'write',
  'kernel write',
  'balloon out',
  'balloon in',
  'log',
  'harvest',
  'stop logging',
  'map foreign',
  'read foreign',
  'write foreign',
  'unmap foreign',
  'migrate there and back',
] as const;

export interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly guest: number;
  readonly page: number;
}

export const steps = (length: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ kind: fc.constantFrom(...KINDS), guest: fc.nat(2), page: fc.nat(PAGES - 1) }), {
    maxLength: length,
    size: 'max',
  });

interface Guest {
  domain: Domain;
  readonly reference: ReferenceDomain;
}

interface Lent {
  readonly guest: Guest;
  readonly pfns: readonly number[];
  readonly mapping: ForeignMapping;
  readonly writable: boolean;
}

/** Engine and reference side by side: a control domain of one variant and guests of another. */
export class Pair {
  readonly host: Host;
  readonly control: Domain;
  readonly #otherControl: Domain;
  readonly guests: (Guest | null)[] = [null, null, null];
  readonly lent: Lent[] = [];
  readonly #guestVariant: (typeof VARIANTS)[number];
  readonly #frames: number;
  #nextSlot = 0;
  operations = 0;

  constructor(
    control: (typeof VARIANTS)[number],
    guest: (typeof VARIANTS)[number],
    frames: number,
    scheme: TranslationScheme,
  ) {
    const half = frames / 2;
    this.#frames = frames;
    this.#guestVariant = guest;
    this.host = hostOf(
      platformOf(
        [
          [0, half],
          [frames, half],
        ],
        { scheme },
      ),
    );
    this.control = domainOn(this.host, 'control', control.model, CONTROL_PAGES, control.options);
    const other = new Host('other', this.host.simulation);
    this.#otherControl = domainOn(other, 'other control', control.model, CONTROL_PAGES, control.options);
    this.#build(0);
  }

  step({ kind, guest: number, page }: Step): void {
    this.operations += 1;
    const guest = this.guests[number];
    if (kind === 'build') return this.#build(number);
    if (kind === 'read foreign' || kind === 'write foreign' || kind === 'unmap foreign')
      return this.#foreign(kind, page);
    if (guest === null) return;
    const before = this.#contents(guest);
    const written = this.#act(kind, number, guest, page);
    if (this.guests[number] === guest) this.#expectWritten(guest, before, written);
  }

  /** What the engine and the reference must agree on, and the rules that the audit walks. */
  check(): Violation[] {
    let owned = this.control.model.ownedFrames().length;
    for (const guest of this.guests) {
      if (guest === null) continue;
      const { domain, reference } = guest;
      owned += reference.memory.size;
      expect(domain.model.ownedFrames()).toEqual([...reference.memory].toSorted((a, b) => a - b));
      for (const [vpn, { pfn }] of reference.mapped) expect(this.host.frames.guestFrame(walk(domain, vpn))).toBe(pfn);
    }
    expect(this.host.heap.freeFrames).toBe(this.#frames - owned - this.host.hypervisor.pages('hashed table'));
    return [...audit(this.host), ...audit(this.#otherControl.host)];
  }

  #build(number: number): void {
    if (this.guests[number] !== null) return;
    const free = this.host.heap.freeFrames;
    const { model, options } = this.#guestVariant;
    const builder = this.control.account;
    const domain = buildDomain(this.host, { name: `guest ${number}`, model, options, builder }, PAGES * 2);
    if (isFinding(domain)) {
      expect(this.host.heap.freeFrames).toBe(free);
      const table = this.host.simulation.platform.scheme.kind === 'hash' ? 1 : 0;
      if (model !== 'direct') expect(free).toBeLessThan(PAGES * 2 + table);
      return;
    }
    this.guests[number] = { domain, reference: new ReferenceDomain(domain.model.ownedFrames()) };
  }

  /** Does one step in both. Returns the frames that the reference says were written, null for those it cannot know. */
  #act(kind: Step['kind'], number: number, guest: Guest, page: number): ReadonlySet<number> {
    const { domain, reference } = guest;
    const none = new Set<number>();
    switch (kind) {
      case 'destroy': {
        const refusal = destroyDomain(domain, this.control.account);
        const trusted = this.control.options.access === 'trusted';
        expect(refusal !== null).toBe(!trusted && reference.lent.size > 0);
        if (refusal !== null) return none;
        this.guests[number] = null;
        for (const lent of this.lent.filter((entry) => entry.guest === guest)) {
          lent.mapping.unmap();
          this.lent.splice(this.lent.indexOf(lent), 1);
        }
        return none;
      }
      case 'map':
      case 'map read-only': {
        if (domain.freeFrames < 6 || reference.mapped.has(page)) return none;
        const pfn = domain.takeFreeFrame()!;
        domain.mapPage(page, pfn, kind === 'map');
        reference.mapped.set(page, { pfn, writable: kind === 'map' });
        for (const table of domain.pageTable.tablePfns) reference.write(table);
        return none;
      }
      case 'unmap': {
        if (!reference.mapped.has(page)) return none;
        domain.unmapPage(page);
        reference.mapped.delete(page);
        return none;
      }
      case 'write': {
        const entry = reference.mapped.get(page);
        const refusal = domain.writePage(page);
        expect(refusal === null).toBe(entry?.writable === true);
        if (entry?.writable !== true) return none;
        reference.write(entry.pfn);
        return new Set([entry.pfn]);
      }
      case 'kernel write': {
        const pfn = [...reference.memory][page % reference.memory.size];
        domain.writeKernel(asPfn(pfn));
        reference.write(pfn);
        return new Set([pfn]);
      }
      case 'balloon out': {
        if (domain.freeFrames < 6) return none;
        const trusted = this.control.options.access === 'trusted';
        const result = domain.balloonOut();
        if (isFinding(result)) {
          expect(reference.lent.size).toBeGreaterThan(0);
          expect(trusted).toBe(false);
          return none;
        }
        if (!trusted) expect(reference.lent.has(result)).toBe(false);
        reference.memory.delete(result);
        reference.ballooned.add(result);
        return none;
      }
      case 'balloon in': {
        const [pfn] = reference.ballooned;
        if (pfn === undefined) return none;
        const direct = this.#guestVariant.model === 'direct';
        const possible = direct ? this.host.heap.isFree(asMfn(pfn)) : this.host.heap.freeFrames > 0;
        const refusal = domain.balloonIn(asPfn(pfn));
        expect(refusal === null).toBe(possible);
        if (refusal !== null) return none;
        reference.ballooned.delete(pfn);
        reference.memory.add(pfn);
        reference.write(pfn);
        return none;
      }
      case 'log': {
        if (reference.dirty !== null) return none;
        beginLogDirty(this.control, domain, () => {});
        reference.dirty = new Set();
        return none;
      }
      case 'harvest':
      case 'stop logging': {
        if (reference.dirty === null) return none;
        const tables = new Set<number>(domain.pageTable.tablePfns);
        const dirty = harvestDirty(this.control, domain, () => {}).filter((pfn) => !tables.has(pfn));
        const expected = [...reference.dirty].filter((pfn) => !tables.has(pfn)).toSorted((a, b) => a - b);
        expect(dirty).toEqual(expected);
        reference.dirty = kind === 'harvest' ? new Set() : null;
        if (kind === 'stop logging') endLogDirty(this.control, domain, () => {});
        return none;
      }
      case 'map foreign': {
        if (this.lent.length >= 3) return none;
        const writable = page % 2 === 0;
        const tables = new Set<number>(domain.pageTable.tablePfns);
        const pfns = [...reference.memory].filter((pfn) => !tables.has(pfn)).slice(page % 4, (page % 4) + 3);
        const firstPage = ABOVE_BATCHES + this.#nextSlot * 4;
        const mapping = mapForeign(this.control, domain, pfns.map(asPfn), { writable, firstPage });
        if (isFinding(mapping)) {
          expect(mapping.rule).toBe('frames-to-borrow');
          return none;
        }
        this.#nextSlot = (this.#nextSlot + 1) % 512;
        for (const pfn of pfns) reference.lend(pfn, 1);
        this.lent.push({ guest, pfns, mapping, writable });
        return none;
      }
      case 'migrate there and back': {
        if (reference.dirty !== null || reference.lent.size > 0) return none;
        const away = this.#migrate(domain, this.control, this.#otherControl);
        if (away === null) return none;
        const home = this.#migrate(away, this.#otherControl, this.control);
        expect(home).not.toBe(null);
        guest.domain = home!;
        return none;
      }
      default:
        return none;
    }
  }

  /** The guest in its new home, its contents as it wrote them; null when it was refused, and why it had to be. */
  #migrate(domain: Domain, control: Domain, targetControl: Domain): Domain | null {
    const link = reliableLink(this.host.simulation.platform.link);
    const { heap } = targetControl.host;
    const pages = domain.model.ownedFrames();
    const table = this.host.simulation.platform.scheme.kind === 'hash' ? 1 : 0;
    const placed =
      domain.model.id === 'direct'
        ? pages.every((pfn) => heap.isFree(asMfn(pfn)))
        : heap.freeFrames >= pages.length + table;
    const toolHasRoom = Math.min(control.freeFrames, targetControl.freeFrames) >= 8;
    const result = migrate({ guest: domain, control, targetControl, link });
    if (isFinding(result)) {
      expect(placed && toolHasRoom && control.model.id !== 'p2m').toBe(false);
      return null;
    }
    expect(placed).toBe(true);
    expect(result.verification).toMatchObject({ wrongFrames: [], wrongPages: [] });
    return result.guest;
  }

  #foreign(kind: 'read foreign' | 'write foreign' | 'unmap foreign', page: number): void {
    const lent = this.lent[page % 3];
    if (lent === undefined) return;
    const { guest, mapping, pfns } = lent;
    const index = page % mapping.length;
    if (kind === 'unmap foreign') {
      mapping.unmap();
      for (const pfn of pfns) guest.reference.lend(pfn, -1);
      this.lent.splice(page % 3, 1);
      return;
    }
    if (!guest.reference.memory.has(pfns[index])) return;
    if (kind === 'read foreign') {
      expect(mapping.read(index)).toBe(guest.domain.model.machineFrame(asPfn(pfns[index])));
      return;
    }
    if (!lent.writable) return;
    const before = this.#contents(guest);
    const stamp = this.host.simulation.nextStamp();
    mapping.write(index, stamp);
    guest.domain.log.wrote(asPfn(pfns[index]), stamp);
    guest.reference.write(pfns[index]);
    this.#expectWritten(guest, before, new Set([pfns[index]]));
  }

  #contents({ domain }: Guest): Map<number, number> {
    return new Map(
      domain.model.ownedFrames().map((pfn) => [pfn, this.host.frames.contents(domain.model.machineFrame(pfn))]),
    );
  }

  /** Exactly the frames that the reference says were written have new contents; page-table pages are the kernel's own. */
  #expectWritten(guest: Guest, before: ReadonlyMap<number, number>, written: ReadonlySet<number>): void {
    const tables = new Set<number>(guest.domain.pageTable.tablePfns);
    const changed = [...this.#contents(guest)]
      .filter(([pfn, stamp]) => before.has(pfn) && before.get(pfn) !== stamp && !tables.has(pfn))
      .map(([pfn]) => pfn);
    expect(new Set(changed)).toEqual(new Set([...written].filter((pfn) => !tables.has(pfn))));
  }
}
