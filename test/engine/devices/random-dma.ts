import fc from 'fast-check';
import { expect } from 'vitest';
import { type Domain, type Host, type ModelId, audit, isFinding } from '../../../engine/index.js';
import { createBouncePool } from '../../../engine/devices/bounce-pool.js';
import { allocateCoherent, freeCoherent } from '../../../engine/devices/coherent-memory.js';
import { countDeviceReach } from '../../../engine/devices/device-reach.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import { mapBuffer, mapGranted, unmapBuffer } from '../../../engine/devices/dma-map.js';
import type { DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { readByDevice, writeByDevice } from '../../../engine/devices/transfer.js';
import { type Pfn, asMfn, asPfn } from '../../../engine/host/frame-number.js';
import type { IommuSpec } from '../../../engine/iommu/iommu.js';
import type { IommuHolds } from '../../../engine/iommu/iommu-context.js';
import { X86_64 } from '../../../engine/paging/format.js';
import { domainOn, radixScheme } from '../support.js';
import { PAGE_BYTES, deviceOf, hostWith, iommuOf, must, ruleOf } from './support.js';

const KINDS = [
  'map',
  'unmap',
  'device writes',
  'device reads',
  'driver writes',
  'balloon out',
  'balloon in',
  'balloon what is mapped',
  'grant',
  'end grant',
  'map granted',
  'share memory',
  'return memory',
  'time passes',
  'device goes astray',
  'give up what was used',
] as const;

export interface DmaStep {
  readonly kind: (typeof KINDS)[number];
  readonly which: number;
  readonly pages: number;
}

export const dmaStep: fc.Arbitrary<DmaStep> = fc.record({
  kind: fc.constantFrom(...KINDS),
  which: fc.nat(1000),
  pages: fc.integer({ min: 1, max: 4 }),
});

export interface DmaSetting {
  readonly model: ModelId;
  readonly holds: IommuHolds | 'identity' | 'none';
  readonly invalidation: IommuSpec['invalidation'];
  readonly addressBits: number;
  readonly iommuTables: 'healed' | 'kept';
}

/** A live mapping as the reference has it: whose pages, and the copy that the device has where it bounces. */
interface Live {
  readonly mapping: DmaMapping;
  readonly of: Map<number, number>;
  readonly pfns: readonly number[];
  copy: number[] | null;
  /** Whether the driver shares it with the device for long. */
  readonly coherent: boolean;
}

const LIMIT_BITS = 20;
const LIMIT_FRAME = 2 ** LIMIT_BITS / PAGE_BYTES;

/** A driver domain with a device, and a guest that grants to it, beside contents by guest frame that know nothing of machine memory. */
export class DmaPair {
  readonly #host: Host;
  readonly #driver: Domain;
  readonly #guest: Domain;
  readonly #device: DmaDevice;
  readonly #setting: DmaSetting;
  readonly #driverHas = new Map<number, number>();
  readonly #guestHas = new Map<number, number>();
  readonly #live: Live[] = [];
  readonly #granted: { readonly pfn: Pfn; readonly entered: number }[] = [];
  readonly #oldAddresses: number[] = [];
  bounced = 0;
  exposed = 0;

  constructor(setting: DmaSetting) {
    const { model, holds, invalidation, addressBits } = setting;
    this.#setting = setting;
    this.#host = hostWith([[16, 500]], 0, {
      ...(model === 'nested' ? { scheme: radixScheme({ format: X86_64 }) } : {}),
      ...(setting.iommuTables === 'healed' ? { iommuTables: 'healed' } : {}),
    });
    const low = domainOn(this.#host, 'low', 'direct', 112);
    this.#driver = domainOn(this.#host, 'driver', model, 200, { access: 'restricted' });
    this.#guest = domainOn(this.#host, 'guest', 'p2m', 40);
    for (const pfn of low.model.ownedFrames()) if (pfn >= 64) must(low.balloon.release(pfn));
    must(createBouncePool(this.#driver, { bytes: 2 ** 18, addressBits: LIMIT_BITS }));
    const guard = holds === 'none' ? null : { iommu: iommuOf(this.#host, { invalidation }), holds };
    this.#device = deviceOf(this.#driver, addressBits, guard);
    for (const [domain, has] of [
      [this.#driver, this.#driverHas],
      [this.#guest, this.#guestHas],
    ] as const) {
      for (const pfn of domain.model.ownedFrames()) has.set(pfn, domain.log.stamp(pfn));
    }
  }

  take({ kind, which, pages }: DmaStep): void {
    const live = this.#live[which % Math.max(1, this.#live.length)];
    if (kind === 'map') this.#map(pages, which);
    else if (kind === 'map granted') this.#mapGranted(which);
    else if (kind === 'grant') this.#grant(which);
    else if (kind === 'end grant') this.#endGrant(which);
    else if (kind === 'balloon out') this.#balloonOut();
    else if (kind === 'balloon in') this.#balloonIn();
    else if (kind === 'driver writes') this.#driverWrites(which);
    else if (kind === 'share memory') this.#share(pages);
    else if (kind === 'time passes')
      this.#host.simulation.clock.advanceTo(this.#host.simulation.clock.nowNs + which * 2e4);
    else if (kind === 'device goes astray') this.#astray(which);
    else if (kind === 'give up what was used') this.#giveUpUsed();
    else if (live !== undefined) this.#actOn(kind, live);
  }

  /** What engine and reference must agree on, and the audit. */
  check(): void {
    expect(audit(this.#host)).toEqual([]);
    this.#expectContents(this.#driver, this.#driverHas);
    this.#expectContents(this.#guest, this.#guestHas);
    const { holds } = this.#setting;
    const reach = countDeviceReach(this.#device);
    const grants = new Set(this.#granted.map(({ pfn }) => pfn)).size;
    if (holds === 'own' || holds === 'second stage') {
      const own = this.#driver.model.ownedFrames().filter((pfn) => this.#inMask(this.#pageOf(pfn))).length;
      expect(reach).toMatchObject({ own, others: 0, hypervisor: 0, free: 0 });
      if (this.#setting.addressBits === 64) expect(reach.granted).toBe(grants);
    }
    if (holds === 'buffers') {
      const mapped = new Set(
        this.#live.flatMap(({ of, pfns }) => pfns.map((pfn) => `${of === this.#driverHas} ${pfn}`)),
      );
      expect(reach.own + reach.granted).toBe(mapped.size);
      expect(reach).toMatchObject({ others: 0, hypervisor: 0, free: 0 });
    }
  }

  #map(pages: number, which: number): void {
    const pfn = this.#driver.free.takeRun(pages);
    if (pfn === null) return;
    const direction = (['to device', 'from device', 'both ways'] as const)[which % 3];
    const pfns = Array.from({ length: pages }, (_, page) => asPfn(pfn + page));
    const result = mapBuffer(this.#device, { pfn, bytes: pages * PAGE_BYTES }, direction);
    const inReach = this.#reachesDirectly(pfns);
    if (isFinding(result)) {
      expect(inReach).toBe(false);
      expect(['bounce-room', 'address-mask']).toContain(result.rule);
      for (const each of pfns) this.#driver.free.giveBack(each);
      return;
    }
    expect(result.slot < 0).toBe(inReach);
    this.#add(result, this.#driverHas, pfns, false);
  }

  #mapGranted(which: number): void {
    const grant = this.#granted[which % Math.max(1, this.#granted.length)];
    if (grant === undefined) return;
    const result = mapGranted(this.#device, grant.entered, 'both ways');
    if (isFinding(result)) {
      expect(['bounce-room', 'address-mask']).toContain(result.rule);
      return;
    }
    this.#add(result, this.#guestHas, [grant.pfn], false);
  }

  #share(pages: number): void {
    const result = allocateCoherent(this.#device, pages);
    if (isFinding(result)) {
      expect(['free-run', 'contiguous-below-mask', 'not-referenced', 'address-mask']).toContain(result.rule);
      return;
    }
    expect(result.slot).toBe(-1);
    for (const pfn of result.pfns) this.#driverHas.set(pfn, this.#driver.log.stamp(pfn));
    this.#add(result, this.#driverHas, result.pfns, true);
  }

  #add(mapping: DmaMapping, of: Map<number, number>, pfns: readonly number[], coherent: boolean): void {
    const copy = mapping.slot < 0 ? null : pfns.map((pfn) => of.get(pfn)!);
    if (copy !== null) this.bounced += 1;
    this.#live.push({ mapping, of, pfns, copy, coherent });
  }

  #actOn(kind: DmaStep['kind'], live: Live): void {
    const { mapping, of, pfns, coherent } = live;
    if (kind === 'device reads') {
      expect(readByDevice(mapping)).toEqual(live.copy ?? pfns.map((pfn) => of.get(pfn)));
    } else if (kind === 'device writes') {
      const stamps = pfns.map(() => this.#host.simulation.nextStamp());
      const refusal = writeByDevice(mapping, stamps);
      if (mapping.direction === 'to device' && this.#setting.holds === 'buffers') {
        expect(ruleOf(refusal)).toBe('iommu-writes');
      } else {
        expect(refusal).toBe(null);
        if (live.copy === null) pfns.forEach((pfn, index) => of.set(pfn, stamps[index]));
        else live.copy = stamps;
      }
    } else if (kind === 'unmap' && !coherent) {
      unmapBuffer(mapping);
      if (live.copy !== null && mapping.direction !== 'to device') {
        pfns.forEach((pfn, index) => of.set(pfn, live.copy![index]));
      }
      this.#drop(live);
      if (of === this.#driverHas) for (const pfn of pfns) this.#driver.free.giveBack(asPfn(pfn));
    } else if (kind === 'return memory' && coherent) {
      freeCoherent(mapping);
      this.#drop(live);
    } else if (kind === 'balloon what is mapped' && live.copy === null && of === this.#driverHas) {
      const pfn = asPfn(pfns[0]);
      expect(ruleOf(this.#driver.balloon.release(pfn))).toBe('not-mapped-for-dma');
      expect(this.#driver.free.takeRun(1, (each) => each === pfn)).toBe(pfn);
    }
  }

  #drop(live: Live): void {
    this.#oldAddresses.push(live.mapping.address);
    this.#live.splice(this.#live.indexOf(live), 1);
  }

  #grant(which: number): void {
    if (this.#granted.length >= 4) return;
    const pfns = this.#guest.model.ownedFrames();
    const pfn = pfns[which % pfns.length];
    const entered = this.#driver.model.mapForeign([this.#guest.model.machineFrame(pfn)], true, 'privileged');
    if (isFinding(entered)) return;
    this.#granted.push({ pfn, entered: entered[0] });
    const own = new Set<number>(this.#driver.model.ownedFrames());
    for (const each of this.#driverHas.keys()) if (!own.has(each)) this.#driverHas.delete(each);
  }

  #endGrant(which: number): void {
    const grant = this.#granted[which % Math.max(1, this.#granted.length)];
    if (grant === undefined || this.#live.some(({ of, pfns }) => of === this.#guestHas && pfns[0] === grant.pfn))
      return;
    this.#driver.model.unmapForeign([grant.entered], true, 'privileged');
    this.#granted.splice(this.#granted.indexOf(grant), 1);
  }

  #balloonOut(): void {
    const pfn = this.#driver.balloon.out();
    if (!isFinding(pfn)) this.#driverHas.delete(pfn);
  }

  #balloonIn(): void {
    const [pfn] = this.#driver.balloon.frames;
    if (pfn === undefined || isFinding(this.#driver.balloon.in(pfn))) return;
    this.#driverHas.set(pfn, 0);
  }

  /** A buffer that the device has just read leaves the domain, and the device goes back to where it was. */
  #giveUpUsed(): void {
    const pfn = this.#driver.free.takeRun(1);
    if (pfn === null) return;
    const mapping = mapBuffer(this.#device, { pfn, bytes: PAGE_BYTES }, 'to device');
    if (isFinding(mapping)) return this.#driver.free.giveBack(pfn);
    expect(readByDevice(mapping)).toEqual([this.#driverHas.get(pfn)]);
    unmapBuffer(mapping);
    must(this.#driver.balloon.release(pfn));
    this.#driverHas.delete(pfn);
    this.#oldAddresses.push(mapping.address);
    this.#astray(this.#oldAddresses.length - 1);
  }

  #driverWrites(which: number): void {
    const pfns = this.#driver.model.ownedFrames();
    const pfn = pfns[which % pfns.length];
    if (this.#isPool(pfn)) return;
    this.#driver.writeKernel(pfn);
    this.#driverHas.set(pfn, this.#driver.log.stamp(pfn));
  }

  /** The device uses an address that it was told before: it reaches what its domain may, or what the log of exposures has. */
  #astray(which: number): void {
    const address = this.#oldAddresses[which % Math.max(1, this.#oldAddresses.length)];
    if (address === undefined) return;
    const mfn = this.#device.reach(address, false);
    const { holds, invalidation } = this.#setting;
    if (isFinding(mfn) || holds === 'none' || holds === 'identity' || holds === 'all RAM') return;
    const mine = this.#host.frames.owner(mfn) === this.#driver.id || this.#driver.foreign.has(mfn);
    const exposures = this.#device.context!.iommu.exposures.now();
    const isExposed = exposures.some((each) => each.mfn === mfn && each.page === Math.floor(address / PAGE_BYTES));
    if (isExposed) this.exposed += 1;
    expect(mine || (isExposed && invalidation === 'deferred')).toBe(true);
  }

  /** Whether the device can use the buffer where it lies. */
  #reachesDirectly(pfns: readonly Pfn[]): boolean {
    if (this.#device.numbers === 'given out') return true;
    const pages = pfns.map((pfn) => this.#pageOf(pfn));
    return pages.every((page, index) => page === pages[0] + index && this.#inMask(page));
  }

  #pageOf(pfn: Pfn): number {
    return this.#device.numbers === 'guest' ? pfn : this.#driver.model.machineFrame(pfn);
  }

  #inMask(page: number): boolean {
    return this.#setting.addressBits === 64 || page < LIMIT_FRAME;
  }

  #isPool(pfn: Pfn): boolean {
    const pool = this.#host.dma.pools.get(this.#driver);
    return pool !== undefined && pfn >= pool.first && pfn < pool.first + pool.pages;
  }

  /** Pages of the pool are left out: what is in them is in the copies. */
  #expectContents({ model }: Domain, has: ReadonlyMap<number, number>): void {
    const { frames } = this.#host;
    const wrong = model.ownedFrames().filter((pfn) => {
      if (has === this.#driverHas && this.#isPool(pfn)) return false;
      return frames.contents(asMfn(model.machineFrame(pfn))) !== has.get(pfn);
    });
    expect(wrong).toEqual([]);
  }
}
