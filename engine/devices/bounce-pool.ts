import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { type Mfn, type Pfn, asPfn } from '../host/frame-number.js';
import { exchangeContiguous } from '../operations/exchange.js';
import type { BounceSlots, Platform } from '../platform.js';

/** Sizes of Linux's pool (include/linux/swiotlb.h): a slot, the slots that one mapping may have, the pool. */
export const SLOT_BYTES = 2048;
export const POOL_BYTES = 64 * 2 ** 20;
const LINUX_SLOTS: BounceSlots = { bytes: SLOT_BYTES, aSegment: 128 };
/** The largest mapping through Linux's. */
export const LARGEST_BOUNCE = LINUX_SLOTS.aSegment * LINUX_SLOTS.bytes;

/** No run of slots. */
export const NO_SLOT = -1;

/** How pools are divided on a platform. */
export const slotsOn = ({ bounceSlots = LINUX_SLOTS }: Platform): BounceSlots => bounceSlots;

/**
 * Linux's software IOTLB: memory of a domain that its devices can address, in slots. A mapping gets the first run of slots from where
 * the last search ended that is long enough and does not cross a segment (kernel/dma/swiotlb.c). Its frames stay where they are as long as there is a pool: what the guest asked to
 * be contiguous would not be so elsewhere, and nobody would tell it.
 */
export class BouncePool {
  readonly first: Pfn;
  readonly slots: number;
  /** Contents of each slot: a frame holds several. */
  readonly stamps: Uint32Array;
  readonly geometry: BounceSlots;
  readonly #slotsAPage: number;
  readonly domain: Domain;
  /** Free slots from here to the end of the run or of the segment; 0 in use. */
  readonly #run: Uint8Array;
  #next = 0;
  #used = 0;

  /** `pages` guest frames of the domain from `first` on, whole segments. */
  constructor(domain: Domain, first: Pfn, pages: number) {
    this.domain = domain;
    this.first = first;
    const { arena, platform } = domain.host.simulation;
    this.geometry = slotsOn(platform);
    this.#slotsAPage = platform.pageBytes / this.geometry.bytes;
    this.slots = pages * this.#slotsAPage;
    this.stamps = arena.uint32(this.slots);
    this.#run = arena.uint8(this.slots);
    const { aSegment } = this.geometry;
    for (let slot = 0; slot < this.slots; slot += 1) this.#run[slot] = aSegment - (slot % aSegment);
  }

  /** One of those that a host has; on the way in `pool` is null. */
  static checkpoint(archive: Archive, pool: BouncePool | null): BouncePool {
    const domain = checkpointDomain(archive, 'domain', pool?.domain ?? null);
    const first = archive.value('first', pool?.first ?? asPfn(0));
    const pages = archive.value('pages', pool?.pages ?? 0);
    const made = pool ?? new BouncePool(domain, first, pages);
    archive.view('stamps', made.stamps);
    archive.view('run', made.#run);
    made.#next = archive.value('next', made.#next);
    made.#used = archive.value('used', made.#used);
    return made;
  }

  get used(): number {
    return this.#used;
  }

  get pages(): number {
    return this.slots / this.#slotsAPage;
  }

  /** Takes a run of slots; of a whole page and more, from the start of a page. `NO_SLOT` when there is none. */
  take(slots: number, pageAligned: boolean): number {
    const step = pageAligned ? this.#slotsAPage : 1;
    const start = this.#wrap(Math.ceil(this.#next / step) * step);
    let slot = start;
    while (this.#run[slot] < slots) {
      slot = this.#wrap(slot + step);
      if (slot === start) return NO_SLOT;
    }
    this.#run.fill(0, slot, slot + slots);
    this.#recount(slot - 1, 0);
    this.#next = this.#wrap(slot + slots);
    this.#used += slots;
    return slot;
  }

  giveBack(slot: number, slots: number): void {
    const end = slot + slots;
    this.#recount(end - 1, end % this.geometry.aSegment === 0 ? 0 : this.#run[end], slot);
    this.#used -= slots;
  }

  /** Holds its frames where they are, or lets them go. */
  pin(delta: 1 | -1): void {
    const { host, model } = this.domain;
    for (let page = 0; page < this.pages; page += 1)
      host.frames.addPins(model.machineFrame(asPfn(this.first + page)), delta);
  }

  /** Gives back what it is kept in; its frames are the kernel's. */
  release(): void {
    const { arena } = this.domain.host.simulation;
    this.pin(-1);
    arena.free(this.stamps);
    arena.free(this.#run);
  }

  /** The guest frame that holds a slot. */
  pfnOf(slot: number): Pfn {
    return asPfn(this.first + Math.floor(slot / this.#slotsAPage));
  }

  /** Contents of the slots in a machine frame; undefined when it is not of the pool. */
  partsOf(mfn: Mfn): Uint32Array | undefined {
    const page = this.domain.host.frames.guestFrame(mfn) - this.first;
    if (page < 0 || page >= this.pages) return undefined;
    return this.stamps.subarray(page * this.#slotsAPage, (page + 1) * this.#slotsAPage);
  }

  /** Counts runs anew, downwards: slots from `lowest` on are free, and below it to where one is in use or the segment begins. */
  #recount(from: number, after: number, lowest = from + 1): void {
    const { aSegment } = this.geometry;
    let run = after;
    for (let slot = from; slot >= 0; slot -= 1) {
      if (slot < lowest && (slot % aSegment === aSegment - 1 || this.#run[slot] === 0)) return;
      run += 1;
      this.#run[slot] = run;
    }
  }

  #wrap(slot: number): number {
    return slot >= this.slots ? 0 : slot;
  }
}

/**
 * Gives a domain a pool, as Linux makes one when it starts: frames that follow each other, of which each segment is contiguous for
 * devices of `addressBits`. P2M and VP exchange for it what they have; a direct domain has to have it.
 */
export const createBouncePool = (
  domain: Domain,
  { bytes = POOL_BYTES, addressBits = 32 }: { readonly bytes?: number; readonly addressBits?: number } = {},
): BouncePool | Finding => {
  const { host, model } = domain;
  const { pageBytes } = host.simulation.platform;
  const { bytes: slotBytes, aSegment } = slotsOn(host.simulation.platform);
  const segmentPages = (aSegment * slotBytes) / pageBytes;
  const pages = Math.ceil(bytes / (aSegment * slotBytes)) * segmentPages;
  const inReach = (pfn: Pfn): boolean => (pfn + 1) * pageBytes <= 2 ** addressBits;
  const first = domain.free.takeRun(pages, model.id === 'direct' ? inReach : undefined);
  if (first === null) {
    const detail = `${domain.name} has no ${pages} free frames in a run for a bounce pool`;
    return { operation: 'map for DMA', model: model.id, rule: 'bounce-pool', detail };
  }
  for (let page = 0; page < pages && model.id !== 'direct'; page += segmentPages) {
    const refusal = exchangeContiguous(domain, asPfn(first + page), Math.log2(segmentPages), addressBits);
    if (refusal === null) continue;
    for (let offset = pages - 1; offset >= 0; offset -= 1) domain.free.giveBack(asPfn(first + offset));
    return refusal;
  }
  const pool = new BouncePool(domain, first, pages);
  pool.pin(1);
  host.dma.pools.set(domain, pool);
  return pool;
};
