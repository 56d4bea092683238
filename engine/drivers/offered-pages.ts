import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import type { DriverEnds, OnwardPage } from './data-path.js';

/** Pages of a frontend that are granted to its backend one by one, by the reference of each. */
export class OfferedPages implements Checkpointed {
  readonly #ends: DriverEnds;
  readonly #pages = new Map<number, Pfn>();

  constructor(ends: DriverEnds) {
    this.#ends = ends;
  }

  /** Grants a page. */
  grant(pfn: Pfn, access: 'read' | 'write'): number | Finding {
    const { references, backend } = this.#ends;
    const reference = references.grantAccess(backend, pfn, access);
    if (!isFinding(reference)) this.#pages.set(reference, pfn);
    return reference;
  }

  /** Grants a free frame of the frontend's for writing. */
  grantFree(): number | Finding {
    const { frontend } = this.#ends;
    const pfn = frontend.free.take();
    if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free to post`);
    const reference = this.grant(pfn, 'write');
    if (isFinding(reference)) frontend.free.giveBack(pfn);
    return reference;
  }

  /** Grants a page of another domain that the frontend was given: as if it were its own, or by passing the grant on. */
  grantOnward(page: OnwardPage): number | Finding {
    const { references, backend } = this.#ends;
    const reference =
      page.kind === 'entered'
        ? references.grantEntered(backend, page.entered, 'read')
        : references.passOn(backend, page, 'read');
    if (!isFinding(reference)) this.#pages.set(reference, asPfn(NO_FRAME));
    return reference;
  }

  /** Ends the grant: the page, or why it cannot be ended. */
  end(reference: number): Pfn | Finding {
    const refusal = this.#ends.references.endAccess(reference);
    if (refusal !== null) return refusal;
    const pfn = this.#pages.get(reference)!;
    this.#pages.delete(reference);
    return pfn;
  }

  checkpoint(archive: Archive): void {
    archive.map('pages', this.#pages);
  }
}
