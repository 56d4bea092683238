import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Finding, Operation } from '../finding.js';
import { type Pfn, hex } from '../host/frame-number.js';
import type { Domain } from './domain.js';
import { clearKernelPage, mapKernelPage } from './kernel-mapping.js';

/** A guest's balloon: which of its frames have no memory because it gave that back, and the way out and in. */
export class Balloon implements Checkpointed {
  readonly #domain: Domain;
  readonly #frames = new Set<Pfn>();

  constructor(domain: Domain) {
    this.#domain = domain;
  }

  /** Guest frames whose memory is ballooned out, in the order in which it went. */
  get frames(): readonly Pfn[] {
    return [...this.#frames];
  }

  has(pfn: Pfn): boolean {
    return this.#frames.has(pfn);
  }

  /** Goes on with what the kernel of a guest that moved here knows. */
  adopt(pfns: readonly Pfn[]): void {
    for (const pfn of pfns) this.#frames.add(pfn);
  }

  /** Balloons one free frame out: its contents are gone. Returns the frame, or why not. */
  out(inBatch = false): Pfn | Finding {
    const pfn = this.#domain.free.take();
    if (pfn === null) return this.#refusal('balloon out', 'free-frames', `${this.#domain.name} has no free frame`);
    return this.release(pfn, inBatch);
  }

  /** Gives back a frame that the guest's kernel has taken for it; on a refusal the frame is the kernel's free one again. */
  release(pfn: Pfn, inBatch = false): Pfn | Finding {
    const refusal = this.#releaseTaken(pfn, inBatch);
    if (refusal !== null) {
      this.#domain.free.giveBack(pfn);
      return refusal;
    }
    this.#domain.forgetContents(pfn);
    this.#frames.add(pfn);
    return pfn;
  }

  /** Brings memory back to a ballooned-out frame, which is then free; a finding when it is refused. */
  in(pfn: Pfn, inBatch = false): Finding | null {
    const domain = this.#domain;
    if (!this.has(pfn)) return this.#refusal('balloon in', 'ballooned', `${hex(pfn)} is not ballooned out`);
    const refusal = domain.model.reclaimFrame(pfn, inBatch);
    if (refusal !== null) return refusal;
    this.#frames.delete(pfn);
    domain.dirtyLog?.mark(pfn);
    mapKernelPage(domain, pfn);
    domain.free.giveBack(pfn);
    return null;
  }

  /** The frame at this place went to another domain: the place is ballooned out. */
  left(pfn: Pfn): void {
    this.#domain.forgetContents(pfn);
    this.#frames.add(pfn);
    this.#domain.dirtyLog?.mark(pfn);
  }

  /** A frame of another domain's came to this ballooned-out place; the kernel has it in use. */
  came(pfn: Pfn, stamp: number): void {
    this.#frames.delete(pfn);
    mapKernelPage(this.#domain, pfn);
    this.#domain.filledByDevice(pfn, stamp);
  }

  checkpoint(archive: Archive): void {
    archive.set('ballooned', this.#frames);
  }

  #releaseTaken(pfn: Pfn, inBatch: boolean): Finding | null {
    const domain = this.#domain;
    const { frames } = domain.host;
    const mfn = domain.model.machineFrame(pfn);
    const refused = (rule: string, detail: string): Finding => this.#refusal('balloon out', rule, detail);
    if (frames.pins(mfn) > 0) return refused('not-mapped-for-dma', `a device of ${domain.name} maps frame ${hex(mfn)}`);
    const kernelReferences = domain.pv?.kernelReferences(mfn) ?? 0;
    if (frames.owner(mfn) === domain.id && frames.references(mfn) !== 1 + kernelReferences)
      return refused('not-referenced', `frame ${hex(mfn)} is mapped by another domain`);
    if (!clearKernelPage(domain, pfn))
      return refused('frame-for-table', `${domain.name} has no frame to break a large page with`);
    const refusal = domain.model.releaseFrame(pfn, inBatch);
    if (refusal !== null) mapKernelPage(domain, pfn);
    return refusal;
  }

  #refusal(operation: Operation, rule: string, detail: string): Finding {
    return { operation, model: this.#domain.model.id, rule, detail };
  }
}
