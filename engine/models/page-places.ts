import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Arena } from '../host/arena.js';
import { type Pfn, asPfn } from '../host/frame-number.js';

/** Where a guest frame's memory is: a frame of the domain's own or none; a shared frame; a disk; nowhere yet; on the host that it left. */
export const Place = { own: 0, shared: 1, pagedOut: 2, onDemand: 3, leftBehind: 4 } as const;
export type PlaceId = (typeof Place)[keyof typeof Place];

const NO_PLACES = new Uint8Array(0);
const NO_SLOTS = new Int32Array(0);

/** The place of every guest frame of a domain, and the disk slot of those that are paged out. */
export class PagePlaces implements Checkpointed {
  readonly #arena: Arena;
  #places: Uint8Array = NO_PLACES;
  #slots: Int32Array = NO_SLOTS;
  #counts = [0, 0, 0, 0, 0];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  at(pfn: Pfn): PlaceId {
    return pfn < this.#places.length ? (this.#places[pfn] as PlaceId) : Place.own;
  }

  /** The disk slot of a guest frame that is paged out. */
  slot(pfn: Pfn): number {
    return this.#slots[pfn];
  }

  put(pfn: Pfn, place: PlaceId, slot = 0): void {
    if (pfn >= this.#places.length) this.#grow(pfn + 1);
    this.#counts[this.#places[pfn]] -= 1;
    this.#counts[place] += 1;
    this.#places[pfn] = place;
    this.#slots[pfn] = slot;
  }

  /** Guest frames at a place that is not their own. */
  count(place: Exclude<PlaceId, 0>): number {
    return this.#counts[place];
  }

  /** Calls back for each guest frame that is not at a place of its own, in ascending order. */
  forEach(visit: (pfn: Pfn, place: PlaceId) => void): void {
    this.#places.forEach((place, pfn) => {
      if (place !== Place.own) visit(asPfn(pfn), place as PlaceId);
    });
  }

  checkpoint(archive: Archive): void {
    const places = archive.resized('places', this.#places, (length) => this.#arena.uint8(length));
    const slots = archive.resized('slots', this.#slots, (length) => this.#arena.int32(length));
    if (archive.reading) this.release();
    this.#places = places;
    this.#slots = slots;
    this.#counts = archive.numbers('counts', this.#counts);
  }

  /** Gives its memory back; every guest frame is at a place of its own then. */
  release(): void {
    if (this.#places !== NO_PLACES) this.#arena.free(this.#places, this.#slots);
    this.#places = NO_PLACES;
    this.#slots = NO_SLOTS;
  }

  #grow(wanted: number): void {
    const length = Math.max(wanted, this.#places.length * 2, 64);
    const places = this.#arena.uint8(length);
    const slots = this.#arena.int32(length);
    places.set(this.#places);
    slots.set(this.#slots);
    this.release();
    this.#places = places;
    this.#slots = slots;
  }
}
