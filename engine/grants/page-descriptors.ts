import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import { refuse } from './resolve.js';

/** Bytes of a page descriptor: Linux's struct page on a 64-bit machine (include/linux/mm_types.h). */
const DESCRIPTOR_BYTES = 64;

/**
 * The page descriptors that a P==M kernel needs for frames outside its own memory: its own frames have theirs from boot; a foreign one
 * is at a number above or between them. Descriptors are made a page of them at a time, in memory of the kernel's own, and stay.
 */
export class PageDescriptors implements Checkpointed {
  readonly #domain: Domain;
  readonly #perPage: number;
  readonly #covered = new Set<number>();
  #frames: Pfn[] = [];

  constructor(domain: Domain) {
    this.#domain = domain;
    this.#perPage = domain.host.simulation.platform.pageBytes / DESCRIPTOR_BYTES;
    for (const pfn of [...domain.model.ownedFrames(), ...domain.balloon.frames]) this.#covered.add(this.#pageOf(pfn));
  }

  /** Frames of the domain's own memory that hold such descriptors. */
  get frames(): readonly Pfn[] {
    return this.#frames;
  }

  /** Makes the descriptor of each frame that has none. A finding when the kernel has no frame free for them. */
  cover(frames: readonly number[]): Finding | null {
    const { account, name } = this.#domain;
    for (const frame of frames) {
      const page = this.#pageOf(frame);
      if (this.#covered.has(page)) continue;
      const pfn = this.#domain.free.take();
      if (pfn === null) {
        return refuse(this.#domain, 'map grant', 'frames-for-descriptors', `${name} has no frame for page descriptors`);
      }
      account.charge(Mechanism.foreignMap, Event.pageDescriptors);
      this.#domain.writeKernel(pfn);
      this.#covered.add(page);
      this.#frames.push(pfn);
    }
    return null;
  }

  checkpoint(archive: Archive): void {
    archive.set('covered', this.#covered);
    this.#frames = archive.numbers('frames', this.#frames);
  }

  #pageOf(frame: number): number {
    return Math.floor(frame / this.#perPage);
  }
}

/** The descriptors that a P==M domain made; null for other models, which map at guest frames that have theirs. */
export const pageDescriptorsOf = (domain: Domain): PageDescriptors | null =>
  domain.model.id === 'direct' ? (domain.descriptors ??= new PageDescriptors(domain)) : null;
