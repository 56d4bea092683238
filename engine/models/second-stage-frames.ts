import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { type Mfn, NO_FRAME, asMfn } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import type { FrameSource } from '../paging/table-frames.js';

/** Where a domain's second-stage tables get their frames. */
export interface SecondStageSource {
  readonly rootFrom: 'heap' | 'pool';
  readonly othersFrom: 'heap' | 'pool' | 'pool, then heap';
}

/**
 * Frames for the tables of one domain's second stage: taken one by one from the pool that was set aside for them, which goes back
 * when the domain goes, or from the heap.
 */
export class SecondStageFrames implements FrameSource, Checkpointed {
  readonly #host: Host;
  readonly #domain: number;
  readonly #source: SecondStageSource;
  readonly #fromHeap = new Set<Mfn>();
  #pool: Mfn[] | null = null;
  #hasRoot = false;

  constructor(host: Host, domain: number, source: SecondStageSource) {
    this.#host = host;
    this.#domain = domain;
    this.#source = source;
  }

  take(): number {
    const { rootFrom, othersFrom } = this.#source;
    const from = this.#hasRoot ? othersFrom : rootFrom;
    this.#hasRoot = true;
    if (from !== 'heap') {
      this.#pool ??= this.#host.hypervisor.frames('paging pool', this.#domain);
      const frame = this.#pool.pop();
      if (frame !== undefined) return frame;
      if (from === 'pool') return NO_FRAME;
    }
    const frame = this.#host.hypervisor.takeFrame('second stage', this.#domain);
    if (frame !== NO_FRAME) this.#fromHeap.add(frame);
    return frame;
  }

  giveBack(frame: number): void {
    if (this.#fromHeap.delete(asMfn(frame))) this.#host.hypervisor.giveBackFrame(asMfn(frame));
    else this.#pool!.push(asMfn(frame));
  }

  checkpoint(archive: Archive): void {
    archive.set('fromHeap', this.#fromHeap);
    const pool = archive.numbers('pool', this.#pool ?? []);
    this.#pool = archive.value('hasPool', this.#pool !== null) ? pool : null;
    this.#hasRoot = archive.value('hasRoot', this.#hasRoot);
  }
}
