import { FrameType, type FrameTypeId } from '../host/frame-table.js';
import type { Mfn } from '../host/frame-number.js';

/** Uses of frames as a walk over all holders finds them: references, and uses as a type, by machine frame. */
export class FrameUses {
  readonly #references = new Map<Mfn, number>();
  readonly #types = new Map<Mfn, FrameTypeId>();
  readonly #typeCounts = new Map<Mfn, number>();
  readonly #ofTwoTypes = new Set<Mfn>();

  addReference(mfn: Mfn, count = 1): void {
    this.#references.set(mfn, this.references(mfn) + count);
  }

  addType(mfn: Mfn, type: FrameTypeId, count = 1): void {
    const known = this.#types.get(mfn);
    if (known === undefined) this.#types.set(mfn, type);
    else if (known !== type) this.#ofTwoTypes.add(mfn);
    this.#typeCounts.set(mfn, this.typeCount(mfn) + count);
  }

  /** One entry that maps the frame as a page. */
  addMapping(mfn: Mfn, writable: boolean): void {
    this.addReference(mfn);
    if (writable) this.addType(mfn, FrameType.writable);
  }

  references(mfn: Mfn): number {
    return this.#references.get(mfn) ?? 0;
  }

  /** The first type that it was found in use as. */
  type(mfn: Mfn): FrameTypeId {
    return this.#types.get(mfn) ?? FrameType.none;
  }

  typeCount(mfn: Mfn): number {
    return this.#typeCounts.get(mfn) ?? 0;
  }

  hasTwoTypes(mfn: Mfn): boolean {
    return this.#ofTwoTypes.has(mfn);
  }
}
