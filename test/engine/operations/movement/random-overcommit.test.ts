import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Domain,
  type Host,
  PagingDisk,
  asPfn,
  audit,
  destroyDomain,
  isFinding,
  offlineFrame,
  pageOut,
  relocatePages,
  sharePages,
} from '../../../../engine/index.js';
import { type ForeignMapping, mapForeign } from '../../../../engine/domain/foreign-mapping.js';
import { bringOnline } from '../../../../engine/host/offline-frames.js';
import { domainOn } from '../../support.js';
import { guestOn, onDemandGuest, twoBanks } from './support.js';

const PAGES = 10;
const SLOTS = 6;
const FRAMES = 128;

const KINDS = [
  'write',
  'read',
  'same',
  'share',
  'out',
  'map',
  'unmap',
  'move',
  'offline',
  'balloon',
  'refill',
  'end',
] as const;

interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly guest: number;
  readonly other: number;
  readonly page: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  guest: fc.nat(2),
  other: fc.nat(2),
  page: fc.nat(PAGES - 1),
});

/** Where a page is and what is in it: frames and slots are names here, not numbers of the engine's. */
type Where = { readonly in: 'frame' | 'disk'; readonly name: number } | { readonly in: 'nothing' };

/** Pages as a slow reference has them: two pages share when they have the same name. */
class Reference {
  readonly where = new Map<string, Where>();
  readonly contents = new Map<string, number>();
  readonly mapped = new Set<string>();
  #names = 0;

  ownFrame(key: string): void {
    this.#names += 1;
    this.where.set(key, { in: 'frame', name: this.#names });
  }

  toDisk(key: string): void {
    this.#names += 1;
    this.where.set(key, { in: 'disk', name: this.#names });
  }

  sharers(key: string): number {
    const at = this.where.get(key)!;
    if (at.in !== 'frame') return 0;
    return [...this.where.values()].filter((other) => other.in === 'frame' && other.name === at.name).length;
  }

  count(place: 'frame' | 'disk'): number {
    return new Set([...this.where.values()].flatMap((at) => (at.in === place ? [at.name] : []))).size;
  }
}

class Scene {
  readonly host: Host = twoBanks();
  readonly control: Domain;
  readonly guests: (Domain | null)[];
  readonly reference = new Reference();
  readonly #maps = new Map<string, ForeignMapping>();
  readonly #filler: number;

  constructor(spare: number) {
    this.host.pagingDisk = new PagingDisk(this.host.simulation.arena, SLOTS);
    this.control = domainOn(this.host, 'control', 'insert', 12);
    this.guests = [0, 1, 2].map((index) => this.#guest(index));
    this.#filler = this.host.heap.freeFrames - spare;
    domainOn(this.host, 'filler', 'insert', this.#filler);
  }

  take({ kind, guest: index, other, page }: Step): void {
    const domain = this.guests[index];
    if (domain === null) return;
    const pfn = asPfn(page);
    const key = `${index} ${page}`;
    const at = this.reference.where.get(key)!;
    const free = this.host.heap.freeFrames;
    const { account } = this.control;
    const needsFrame = at.in === 'disk' || (kind !== 'read' && this.reference.sharers(key) > 1);
    switch (kind) {
      case 'read':
      case 'write': {
        if (at.in === 'nothing') return;
        if (needsFrame && free === 0) {
          expect(() => (kind === 'read' ? domain.readKernel(pfn) : domain.writeKernel(pfn))).toThrow('no frame free');
          return;
        }
        if (needsFrame) this.reference.ownFrame(key);
        if (kind === 'read') {
          expect(domain.readKernel(pfn)).toBe(this.reference.contents.get(key));
        } else {
          domain.writeKernel(pfn);
          this.reference.contents.set(key, domain.log.stamp(pfn));
        }
        return;
      }
      case 'same': {
        const second = this.guests[other];
        const secondKey = `${other} ${page}`;
        const both = second !== null && other !== index && [key, secondKey].every((each) => this.#isPlain(each));
        if (!both) return;
        const stamp = this.host.simulation.nextStamp();
        for (const [each, name] of [
          [domain, key],
          [second, secondKey],
        ] as const) {
          each.fillKernel(pfn, stamp);
          this.reference.contents.set(name, stamp);
        }
        return;
      }
      case 'share': {
        const second = this.guests[other];
        if (second === null || other === index) return;
        const secondKey = `${other} ${page}`;
        const keys = [key, secondKey];
        const places = keys.map((each) => this.reference.where.get(each)!);
        const possible =
          places.every((place) => place.in === 'frame') &&
          !keys.some((each) => this.reference.mapped.has(each)) &&
          this.reference.contents.get(key) === this.reference.contents.get(secondKey) &&
          (places[0] as { name: number }).name !== (places[1] as { name: number }).name;
        const refusal = sharePages({ first: { domain, pfn }, second: { domain: second, pfn }, payer: account });
        expect(refusal === null).toBe(possible);
        if (refusal !== null) return;
        const joined = (places[1] as { name: number }).name;
        for (const [each, place] of this.reference.where) {
          if (place.in === 'frame' && place.name === joined) this.reference.where.set(each, places[0]);
        }
        return;
      }
      case 'out': {
        const possible =
          at.in === 'frame' &&
          this.reference.sharers(key) === 1 &&
          !domain.model.overcommit!.isShared(pfn) &&
          !this.reference.mapped.has(key) &&
          this.host.pagingDisk!.emptySlots > 0;
        expect(pageOut({ domain, pfns: [pfn], pager: account }) === null).toBe(possible);
        if (possible) this.reference.toDisk(key);
        return;
      }
      case 'map': {
        if (this.reference.mapped.has(key)) return;
        const mapping = mapForeign(this.control, domain, [pfn], { writable: true, firstPage: index * 64 + page });
        const possible = at.in !== 'nothing' && (!needsFrame || free > 0);
        expect(isFinding(mapping)).toBe(!possible);
        if (isFinding(mapping)) return;
        if (needsFrame) this.reference.ownFrame(key);
        this.reference.mapped.add(key);
        this.#maps.set(key, mapping);
        expect(this.host.frames.contents(mapping.read(0))).toBe(this.reference.contents.get(key));
        return;
      }
      case 'unmap': {
        this.#maps.get(key)?.unmap();
        this.#maps.delete(key);
        this.reference.mapped.delete(key);
        return;
      }
      case 'move': {
        const { moved } = relocatePages({ domain, pfns: [pfn], payer: account });
        const own = at.in === 'frame' && !this.reference.mapped.has(key) && !domain.model.overcommit!.isShared(pfn);
        expect(moved).toBe(own && free > 0 ? 1 : 0);
        return;
      }
      case 'offline': {
        const mfn = domain.model.machineFrame(pfn);
        if (at.in !== 'frame') return;
        const refusal = offlineFrame({ host: this.host, mfn, payer: account });
        expect(refusal === null).toBe(!this.reference.mapped.has(key) && free > 0);
        bringOnline(this.host, mfn);
        return;
      }
      case 'balloon': {
        if (at.in === 'nothing') return;
        const taken = domain.takeFreeFramesOf((each) => each === pfn);
        const result = domain.releaseToBalloon(pfn);
        expect(taken).toEqual([pfn]);
        expect(isFinding(result)).toBe(this.reference.mapped.has(key));
        if (isFinding(result)) return;
        this.reference.where.set(key, { in: 'nothing' });
        this.reference.contents.set(key, 0);
        return;
      }
      case 'refill': {
        if (at.in !== 'nothing') return;
        const refusal = domain.balloonIn(pfn);
        expect(refusal === null).toBe(free > 0);
        if (refusal === null) this.reference.ownFrame(key);
        return;
      }
      default: {
        const lent = [...this.reference.mapped].some((each) => each.startsWith(`${index} `));
        expect(destroyDomain(domain, account) === null).toBe(!lent);
        if (lent) return;
        for (let each = 0; each < PAGES; each += 1) this.reference.where.set(`${index} ${each}`, { in: 'nothing' });
        this.guests[index] = this.host.heap.freeFrames < PAGES ? null : this.#guest(index);
      }
    }
  }

  check(): void {
    expect(audit(this.host)).toEqual([]);
    const used = 12 + this.#filler + this.reference.count('frame');
    expect(this.host.heap.freeFrames).toBe(FRAMES - used);
    expect(this.host.pagingDisk!.emptySlots).toBe(SLOTS - this.reference.count('disk'));
  }

  #guest(index: number): Domain {
    const domain = guestOn(this.host, `guest ${index}`, PAGES);
    for (let page = 0; page < PAGES; page += 1) {
      this.reference.ownFrame(`${index} ${page}`);
      this.reference.contents.set(`${index} ${page}`, domain.log.stamp(asPfn(page)));
    }
    return domain;
  }

  #isPlain(key: string): boolean {
    return this.reference.where.get(key)!.in === 'frame' && this.reference.sharers(key) === 1;
  }
}

it('sharing, paging out, moving and ballooning in any order: each page is where the slow reference has it, and holds what was written', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.nat(8), (steps, spare) => {
      const scene = new Scene(spare);
      for (const each of steps) {
        scene.take(each);
        scene.check();
      }
    }),
    { numRuns: 20, seed: 2006 },
  );
});

it('a guest in fewer frames than pages: what it wrote is there as long as it fits, and running out is a finding', () => {
  const action = fc.record({ kind: fc.constantFrom('write', 'read', 'balloon'), page: fc.nat(23) });
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 80, size: 'max' }),
      fc.integer({ min: 2, max: 12 }),
      (actions, frames) => {
        const host = twoBanks();
        const domain = onDemandGuest(host, 24, frames);
        const written = new Map<number, number>();
        const gone = new Set<number>();
        for (const { kind, page } of actions) {
          const pfn = asPfn(page);
          if (gone.has(page)) continue;
          if (kind === 'balloon') {
            domain.takeFreeFramesOf((other) => other === pfn);
            expect(domain.releaseToBalloon(pfn)).toBe(pfn);
            gone.add(page);
            written.delete(page);
          } else if (
            written.size <
            host.domains.get(domain.id)!.model.ownedFrames().length + domain.model.overcommit!.cache.frames.length
          ) {
            if (kind === 'read') {
              expect(domain.readKernel(pfn)).toBe(written.get(page) ?? 0);
            } else {
              domain.writeKernel(pfn);
              written.set(page, domain.log.stamp(pfn));
            }
          } else if (!written.has(page)) {
            expect(() => domain.readKernel(pfn)).toThrow('a sweep found no zero page');
          }
          expect(audit(host)).toEqual([]);
        }
      },
    ),
    { numRuns: 30, seed: 2006 },
  );
});
