import type { Archive, Checkpointed } from '../checkpoint/archive.js';

/** The table of a program, as the MMU reads it. */
export interface AddressSpace {
  /** The leaf entry of the page; 0 when there is none. */
  read(vpn: number): number;
  /** The frame of its root as an entry would name it, where the MMU walks the table itself. */
  readonly rootFrame?: number;
}

/** Region ids of one address space: 2^16 domains of 8 regions. */
const RIDS = 2 ** 19;

/** The region id that tags a translation. */
export const ridOf = (space: number, domain: number, region: number): number => space * RIDS + domain * 8 + region;

/** The address space that a region id is one of. */
export const spaceOf = (rid: number): number => Math.floor(rid / RIDS);

/** What the guest's own kernel numbers the address space and region by: it does not know which domain it is. */
export const contextOf = (rid: number): number => spaceOf(rid) * 8 + (rid % 8);

/** Region ids have 24 bits on ia64 at most; what is left of a word beside domain and region. */
const MAX_TAG = 2 ** 12 - 1;

/**
 * The address spaces of a domain with several programs, each with the tag that its region ids are made of. Tag 0 is the
 * domain's own page table, which it has without any. A tag is not given twice before everything was flushed.
 */
export class AddressSpaces implements Checkpointed {
  readonly #spaces = new Map<number, AddressSpace>();
  #lastTag = 0;
  /** Tag of the one that is loaded. */
  loaded = 0;

  /** A tag for an address space; null when there is none left, so that all has to be flushed and `restart`ed. */
  enter(space: AddressSpace): number | null {
    if (this.#lastTag === MAX_TAG) return null;
    this.#lastTag += 1;
    this.#spaces.set(this.#lastTag, space);
    return this.#lastTag;
  }

  /** Does something in the address space of this tag, whichever is loaded. */
  within<T>(tag: number, work: () => T): T {
    const before = this.loaded;
    this.loaded = tag;
    const result = work();
    this.loaded = before;
    return result;
  }

  /** The tag means nothing from here on: what the MMU still holds under it can't be reached. */
  leave(tag: number): void {
    this.#spaces.delete(tag);
    if (this.loaded === tag) this.loaded = 0;
  }

  /** Forgets every tag, after a flush of everything. */
  restart(): void {
    this.#spaces.clear();
    this.#lastTag = 0;
    this.loaded = 0;
  }

  /** An address space has its tag again, out of a checkpoint or after its root moved. */
  enterAgain(tag: number, space: AddressSpace): void {
    this.#spaces.set(tag, space);
  }

  /** Which table belongs to a tag is saved by whoever entered it. */
  checkpoint(archive: Archive): void {
    this.#lastTag = archive.value('lastTag', this.#lastTag);
    this.loaded = archive.value('loaded', this.loaded);
  }

  forEach(visit: (tag: number, space: AddressSpace) => void): void {
    for (const [tag, space] of this.#spaces) visit(tag, space);
  }

  get(tag: number): AddressSpace | undefined {
    return this.#spaces.get(tag);
  }
}
