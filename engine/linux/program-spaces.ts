import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { AddressSpace } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import { type MovedFrames, afterMove } from '../domain/moved-frames.js';
import { Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, asMfn } from '../host/frame-number.js';

/** The tags that a kernel gives to its programs' address spaces, by their roots, and which one is loaded. */
export class ProgramSpaces implements Checkpointed {
  readonly #domain: Domain;
  readonly #spaceAt: (root: Mfn) => AddressSpace;
  readonly #tags = new Map<Mfn, number>();
  #loaded = asMfn(NO_FRAME);

  constructor(domain: Domain, spaceAt: (root: Mfn) => AddressSpace) {
    this.#domain = domain;
    this.#spaceAt = spaceAt;
  }

  isLoaded(root: Mfn): boolean {
    return this.#loaded === root;
  }

  load(root: Mfn): void {
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
    if (this.#loaded === root) this.#loaded = asMfn(NO_FRAME);
  }

  checkpoint(archive: Archive): void {
    archive.map('tags', this.#tags);
    this.#loaded = archive.value('loaded', this.#loaded);
    if (!archive.reading) return;
    for (const [root, tag] of this.#tags) this.#domain.spaces.enterAgain(tag, this.#spaceAt(root));
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
