import { FrameType, type FrameTypeId } from '../host/frame-table.js';
import type { Mfn } from '../host/frame-number.js';

/** Uses of frames as a walk over all holders finds them: references, and uses as a type, by machine frame. */
export class FrameUses {
  readonly #references = new Map<Mfn, number>();
  readonly #types = new Map<Mfn, Map<FrameTypeId, number>>();

  addReference(mfn: Mfn, count = 1): void {
    this.#references.set(mfn, this.references(mfn) + count);
  }

  addType(mfn: Mfn, type: FrameTypeId, count = 1): void {
    const counts = this.#types.get(mfn) ?? new Map<FrameTypeId, number>();
    counts.set(type, (counts.get(type) ?? 0) + count);
    this.#types.set(mfn, counts);
  }

  /** One entry that maps the frame as a page. */
  addMapping(mfn: Mfn, writable: boolean): void {
    this.addReference(mfn);
    if (writable) this.addType(mfn, FrameType.writable);
  }

  references(mfn: Mfn): number {
    return this.#references.get(mfn) ?? 0;
  }

  /** The types that the frame is in use as; more than one breaks rule 4. */
  types(mfn: Mfn): readonly FrameTypeId[] {
    return [...(this.#types.get(mfn)?.keys() ?? [])];
  }

  typeCount(mfn: Mfn): number {
    let count = 0;
    for (const uses of this.#types.get(mfn)?.values() ?? []) count += uses;
    return count;
  }
}
