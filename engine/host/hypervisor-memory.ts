import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Account } from './ledger.js';
import { Event, Mechanism } from './events.js';
import { type Mfn, NO_FRAME, asMfn } from './frame-number.js';
import { FrameState, type FrameTable, NO_OWNER } from './frame-table.js';
import type { FrameHeap } from './frame-heap.js';

/** What the hypervisor keeps frames for, beside its image. */
const USES = [
  'frame table',
  'm2p',
  'paging pool',
  'hashed table',
  'grant table',
  'maptrack',
  'p2m',
  'second stage',
  'IOMMU table',
  'shared page',
] as const;
export type HypervisorUse = (typeof USES)[number];

interface Chunk {
  readonly use: HypervisorUse;
  /** The domain that it is kept for, or `NO_OWNER` when it is the host's. */
  readonly domain: number;
  readonly first: Mfn;
  readonly order: number;
  /** The first frame of the bank that it lies in and describes, where it was plugged in. */
  readonly bank: Mfn | null;
}

/** Domains are fewer: what a single frame is for is its use and its domain in one number. */
const DOMAINS = 2 ** 16;

/** Frames that the hypervisor took from the heap for itself: each is reserved, and counted here by what it is for. */
export class HypervisorMemory implements Checkpointed {
  readonly #frames: FrameTable;
  readonly #heap: FrameHeap;
  #chunks: Chunk[] = [];
  /** Frames that go back one by one, and what each is for. */
  readonly #single = new Map<Mfn, number>();

  constructor(frames: FrameTable, heap: FrameHeap) {
    this.#frames = frames;
    this.#heap = heap;
  }

  /** Takes `pages` frames in the largest chunks that fit. All or nothing: false when the heap has too few. */
  take(use: HypervisorUse, pages: number, domain: number = NO_OWNER): boolean {
    if (this.#heap.freeFrames < pages) return false;
    let left = pages;
    while (left > 0) {
      const order = Math.min(Math.floor(Math.log2(left)), this.#heap.largestOrder());
      const first = this.#heap.allocate(order);
      if (first === NO_FRAME) throw new Error(`the heap counts ${this.#heap.freeFrames} free frames and has none`);
      this.#mark(first, order, FrameState.reserved);
      this.#chunks.push({ use, domain, first, order, bank: null });
      left -= 2 ** order;
    }
    return true;
  }

  /** Takes `pages` frames for a domain one by one. All or nothing: false when the heap has too few. */
  takeSinglePages(use: HypervisorUse, pages: number, domain: number): boolean {
    if (this.#heap.freeFrames < pages) return false;
    for (let count = 0; count < pages; count += 1) this.takeChunk(use, 0, domain);
    return true;
  }

  /** Takes one chunk of 2^order frames for a domain; false when the heap has none. */
  takeChunk(use: HypervisorUse, order: number, domain: number): boolean {
    const first = this.#heap.allocate(order);
    if (first === NO_FRAME) return false;
    this.#mark(first, order, FrameState.reserved);
    this.#chunks.push({ use, domain, first, order, bank: null });
    return true;
  }

  /** Takes one frame, which goes back by itself; `NO_FRAME` when the heap has none. */
  takeFrame(use: HypervisorUse, domain: number = NO_OWNER): Mfn {
    const mfn = this.#heap.allocate(0);
    if (mfn === NO_FRAME) return mfn;
    this.#mark(mfn, 0, FrameState.reserved);
    this.#single.set(mfn, USES.indexOf(use) * DOMAINS + domain);
    return mfn;
  }

  /** A frame that `takeFrame` took goes back to the heap. */
  giveBackFrame(mfn: Mfn): void {
    if (!this.#single.delete(mfn)) throw new Error(`frame ${mfn} was not taken by itself`);
    this.#mark(mfn, 0, FrameState.free);
    this.#heap.free(mfn, 0);
  }

  /** Keeps frames of a bank that is plugged in for the tables that describe it. */
  keepOfBank(use: HypervisorUse, bank: Mfn, first: Mfn, pages: number): void {
    for (let index = 0; index < pages; index += 1) {
      const mfn = asMfn(first + index);
      this.#mark(mfn, 0, FrameState.reserved);
      this.#chunks.push({ use, domain: NO_OWNER, first: mfn, order: 0, bank });
    }
  }

  /** Frames that describe the bank that they lie in. */
  framesOfBank(bank: Mfn): Mfn[] {
    return this.#chunks.filter((chunk) => chunk.bank === bank).map(({ first }) => first);
  }

  /** The bank is gone, and what described it. */
  forgetBank(bank: Mfn): void {
    this.#chunks = this.#chunks.filter((chunk) => chunk.bank !== bank);
  }

  /** Frames kept for a use, by the host and all domains, or for one domain. */
  pages(use: HypervisorUse, domain?: number): number {
    return this.#sum((each, of) => each === use && (domain === undefined || of === domain));
  }

  /** Frames kept for one domain, whatever for. */
  pagesFor(domain: number): number {
    return this.#sum((_use, of) => of === domain);
  }

  /** Everything that is kept, in ascending order: frames `first` to `end − 1`, and the domain that they are for, or `NO_OWNER`. */
  listChunks(): readonly { readonly first: number; readonly end: number; readonly domain: number }[] {
    return [
      ...this.#chunks.map(({ first, order, domain }) => ({ first, end: first + 2 ** order, domain })),
      ...Array.from(this.#single, ([mfn, what]) => ({ first: mfn, end: mfn + 1, domain: what % DOMAINS })),
    ].toSorted((one, other) => one.first - other.first);
  }

  /** The frames of chunks that are kept for a use of one domain. */
  frames(use: HypervisorUse, domain: number): Mfn[] {
    return this.#chunks
      .filter((chunk) => chunk.use === use && chunk.domain === domain)
      .flatMap(({ first, order }) => Array.from({ length: 2 ** order }, (_, index) => asMfn(first + index)));
  }

  /** Gives back the chunks that were kept for a domain, scrubbed. */
  release(domain: number, payer: Account): void {
    this.#giveBack((chunk) => chunk.domain === domain, payer);
  }

  /** Gives back what was kept for one use of a domain, scrubbed. */
  giveBack(use: HypervisorUse, domain: number, payer: Account): void {
    this.#giveBack((chunk) => chunk.domain === domain && chunk.use === use, payer);
  }

  #giveBack(isGiven: (chunk: Chunk) => boolean, payer: Account): void {
    for (const chunk of this.#chunks) {
      if (!isGiven(chunk)) continue;
      this.#mark(chunk.first, chunk.order, FrameState.free);
      this.#heap.free(chunk.first, chunk.order);
      payer.charge(Mechanism.populate, Event.pageScrub, 2 ** chunk.order);
      payer.charge(Mechanism.populate, Event.pageAllocate, 2 ** chunk.order);
    }
    this.#chunks = this.#chunks.filter((chunk) => !isGiven(chunk));
  }

  checkpoint(archive: Archive): void {
    archive.map('single', this.#single);
    this.#chunks = archive.list('chunks', this.#chunks, (each, chunk) => ({
      use: each.value('use', chunk?.use ?? 'paging pool'),
      domain: each.value('domain', chunk?.domain ?? NO_OWNER),
      first: each.value('first', chunk?.first ?? asMfn(NO_FRAME)),
      order: each.value('order', chunk?.order ?? 0),
      bank: each.value('bank', chunk?.bank ?? null),
    }));
  }

  #sum(counts: (use: HypervisorUse, domain: number) => boolean): number {
    let frames = 0;
    for (const { use, domain, order } of this.#chunks) if (counts(use, domain)) frames += 2 ** order;
    for (const what of this.#single.values()) {
      if (counts(USES[Math.floor(what / DOMAINS)], what % DOMAINS)) frames += 1;
    }
    return frames;
  }

  #mark(first: Mfn, order: number, state: number): void {
    this.#frames.setStates(first, first + 2 ** order, state);
  }
}
