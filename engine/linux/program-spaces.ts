import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { AddressSpace } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import { type MovedFrames, afterMove } from '../domain/moved-frames.js';
import { Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, asMfn } from '../host/frame-number.js';

/**
 * The tags that a kernel gives to its programs' address spaces, by their roots, and which one is loaded. A kernel that keeps only so many
 * gives the place of another to the next one in turn; what the MMU has of that one is of no more use then.
 */
export class ProgramSpaces implements Checkpointed {
  readonly #domain: Domain;
  readonly #spaceAt: (root: Mfn) => AddressSpace;
  readonly #tags = new Map<Mfn, number>();
  readonly #kept: number;
  /** Roots of the spaces that are kept, where that is a number; `NO_FRAME` for one that is gone. */
  #places: Mfn[] = [];
  #nextPlace = 0;
  #loaded = asMfn(NO_FRAME);

  /** `kept`: address spaces that have a tag at the same time. */
  constructor(domain: Domain, spaceAt: (root: Mfn) => AddressSpace, kept = Infinity) {
    this.#domain = domain;
    this.#spaceAt = spaceAt;
    this.#kept = kept;
  }

  isLoaded(root: Mfn): boolean {
    return this.#loaded === root;
  }

  load(root: Mfn): void {
    if (this.#kept < Infinity) this.#takePlace(root);
    this.#loaded = root;
    this.#domain.spaces.loaded = this.#tags.get(root) ?? this.#newTag(root);
  }

  /** Does something to what the MMU holds of the space, loaded or not; nothing where it has no tag, since then it holds none. */
  within(root: Mfn, work: () => void): void {
    const tag = this.#tags.get(root);
    if (tag !== undefined) this.#domain.spaces.within(tag, work);
  }

  /** Roots moved to other frames: what the MMU holds by their tags is the same space's as before. */
  follow(moved: MovedFrames): void {
    const tags = [...this.#tags];
    this.#tags.clear();
    for (const [root, tag] of tags) {
      const now = afterMove(moved, root);
      this.#tags.set(now, tag);
      this.#domain.spaces.enterAgain(tag, this.#spaceAt(now));
    }
    this.#places = this.#places.map((root) => afterMove(moved, root));
    this.#loaded = afterMove(moved, this.#loaded);
  }

  /** What the MMU still holds of the space can't be reached from here on; it has another tag when it is loaded again. */
  forget(root: Mfn): void {
    const tag = this.#tags.get(root);
    if (tag !== undefined) this.#domain.spaces.leave(tag);
    this.#tags.delete(root);
  }

  /** The space is gone. */
  leave(root: Mfn): void {
    this.forget(root);
    this.#places = this.#places.map((kept) => (kept === root ? asMfn(NO_FRAME) : kept));
    if (this.#loaded === root) this.#loaded = asMfn(NO_FRAME);
  }

  checkpoint(archive: Archive): void {
    archive.map('tags', this.#tags);
    this.#places = archive.numbers('places', this.#places);
    this.#nextPlace = archive.value('nextPlace', this.#nextPlace);
    this.#loaded = archive.value('loaded', this.#loaded);
    if (!archive.reading) return;
    for (const [root, tag] of this.#tags) this.#domain.spaces.enterAgain(tag, this.#spaceAt(root));
  }

  #takePlace(root: Mfn): void {
    if (this.#places.includes(root)) return;
    const before = this.#places[this.#nextPlace];
    if (before !== undefined) this.forget(before);
    this.#places[this.#nextPlace] = root;
    this.#nextPlace = (this.#nextPlace + 1) % this.#kept;
  }

  #newTag(root: Mfn): number {
    const { spaces, mmu } = this.#domain;
    const space = this.#spaceAt(root);
    let tag = spaces.enter(space);
    if (tag === null) {
      mmu.flush(Mechanism.pageTables);
      spaces.restart();
      this.#tags.clear();
      tag = spaces.enter(space)!;
    }
    this.#tags.set(root, tag);
    return tag;
  }
}
