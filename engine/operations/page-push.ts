import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { ForeignMapping } from '../domain/foreign-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import { BATCH_PAGES, linkFailed } from './page-transfer.js';
import type { PagesFollowing } from './pages-following.js';
import type { MappedBatch } from './transfer-pipeline.js';

interface Batch {
  readonly pfns: readonly Pfn[];
  readonly mapping: ForeignMapping;
  readonly mapped: MappedBatch;
}

/** Pages of a post-copy that go over in batches. Each is mapped, and sent when its moment has come, if it is wanted still. */
export class PagePush implements Checkpointed {
  readonly #pages: PagesFollowing;
  #pfns: readonly Pfn[];
  /** Whether only pages go over that are not there yet. */
  #onlyLeftBehind: boolean;
  #first = 0;
  #batch: Batch | null = null;
  #index = 0;
  #sent = 0;
  /** A page was lost with the link, which the sender has yet to notice. */
  #isLost = false;

  constructor(pages: PagesFollowing, pfns: readonly Pfn[], { onlyLeftBehind }: { readonly onlyLeftBehind: boolean }) {
    this.#pages = pages;
    this.#pfns = pfns;
    this.#onlyLeftBehind = onlyLeftBehind;
  }

  get sent(): number {
    return this.#sent;
  }

  get isOver(): boolean {
    return this.#batch === null && !this.#isLost && this.#first >= this.#pfns.length;
  }

  /** When the next step is due, as long as it is not over. */
  get nextNs(): number {
    const { pipeline } = this.#pages;
    if (this.#isLost) return pipeline.downNs;
    return this.#batch === null ? pipeline.mapStartNs : pipeline.readStartNs(this.#batch.mapped);
  }

  /** Maps a batch or sends a page, whichever is due. */
  step(): Finding | null {
    if (this.#isLost) return linkFailed(this.#pages.ends.guest);
    if (this.#batch === null) {
      const pfns = this.#pfns.slice(this.#first, this.#first + BATCH_PAGES).filter((pfn) => this.#wants(pfn));
      const made = this.#pages.map(pfns);
      if (isFinding(made)) return made;
      this.#batch = { pfns, ...made };
    } else {
      this.#send(this.#batch);
    }
    this.#endBatch();
    return null;
  }

  checkpoint(archive: Archive): void {
    this.#pfns = archive.numbers('pfns', this.#pfns);
    this.#onlyLeftBehind = archive.value('onlyLeftBehind', this.#onlyLeftBehind);
    this.#first = archive.value('first', this.#first);
    this.#index = archive.value('index', this.#index);
    this.#sent = archive.value('sent', this.#sent);
    this.#isLost = archive.value('isLost', this.#isLost);
    [this.#batch = null] = archive.list('batch', this.#batch === null ? [] : [this.#batch], (each, batch) => ({
      pfns: each.numbers('pfns', batch?.pfns ?? []),
      mapping: ForeignMapping.checkpoint(each, batch?.mapping ?? null),
      mapped: each.data('mapped', batch?.mapped ?? { atNs: 0, moment: 0 }),
    }));
  }

  #wants(pfn: Pfn): boolean {
    return !this.#onlyLeftBehind || this.#pages.isLeftBehind(pfn);
  }

  #send({ pfns, mapping, mapped }: Batch): void {
    const { frames } = this.#pages.ends.guest.host;
    const index = this.#index;
    if (this.#wants(pfns[index])) {
      if (!this.#pages.send(pfns[index], mapped, () => frames.contents(mapping.read(index)))) {
        this.#isLost = true;
        mapping.unmap();
        this.#batch = null;
        return;
      }
      this.#sent += 1;
    }
    this.#index += 1;
  }

  #endBatch(): void {
    if (this.#batch === null || this.#index < this.#batch.pfns.length) return;
    this.#pages.unmap(this.#batch.mapping);
    this.#batch = null;
    this.#first += BATCH_PAGES;
    this.#index = 0;
  }
}
