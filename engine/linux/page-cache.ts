import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Pfn, asPfn } from '../host/frame-number.js';
import { guestWrote } from './guest-writes.js';
import type { LinuxKernel } from './kernel.js';
import { PageUse } from './page-frames.js';

/** A file as the kernel has it open: what its pages hold on disk, and which of them are in memory. */
export interface CachedFile {
  readonly name: string;
  readonly pages: number;
  /** Contents of each page on disk. */
  readonly stamps: Uint32Array;
  /** Guest frame of each page, or `NO_FRAME`. */
  readonly frames: Int32Array;
}

/** The pages of files that a kernel keeps in memory, one copy for all its processes. */
export class PageCache implements Checkpointed {
  readonly #kernel: LinuxKernel;
  readonly #files = new Map<string, CachedFile>();

  constructor(kernel: LinuxKernel) {
    this.#kernel = kernel;
  }

  get files(): readonly CachedFile[] {
    return [...this.#files.values()];
  }

  /** The file of this name; made with these many pages when it is new. None of them is in memory then. */
  open(name: string, pages: number): CachedFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const { simulation } = this.#kernel.domain.host;
    const stamps = Uint32Array.from({ length: pages }, () => simulation.nextStamp());
    const file = { name, pages, stamps, frames: new Int32Array(pages).fill(NO_FRAME) };
    this.#files.set(name, file);
    return file;
  }

  /** The frame of a page of the file where it is in memory, else `NO_FRAME`. */
  find(file: CachedFile, page: number): Pfn {
    return asPfn(page >= 0 && page < file.pages ? file.frames[page] : NO_FRAME);
  }

  /** The frame of a page of the file, read in when it is not there. */
  read(file: CachedFile, page: number): Pfn {
    const known = this.find(file, page);
    if (known !== NO_FRAME) return known;
    const { domain, pages } = this.#kernel;
    const pfn = this.#kernel.takeFrame();
    this.#kernel.touch(pfn, true);
    domain.account.charge(Mechanism.pageTables, Event.fileRead);
    guestWrote(domain, pfn, file.stamps[page], 'store');
    pages.setUse(pfn, PageUse.cached);
    file.frames[page] = pfn;
    return pfn;
  }

  /** Drops the pages that no program maps, as Linux does when asked to; they are clean. Returns how many. */
  drop(): number {
    let dropped = 0;
    for (const { frames } of this.#files.values()) {
      for (const [page, frame] of frames.entries()) {
        if (frame === NO_FRAME || this.#kernel.pages.mapCount(asPfn(frame)) > 0) continue;
        frames[page] = NO_FRAME;
        this.#kernel.freeFrame(asPfn(frame));
        dropped += 1;
      }
    }
    return dropped;
  }

  checkpoint(archive: Archive): void {
    const files = archive.list('files', this.files, (each, file): CachedFile => {
      const stamps = each.resized('stamps', file?.stamps ?? new Uint32Array(0), (length) => new Uint32Array(length));
      const frames = each.resized('frames', file?.frames ?? new Int32Array(0), (length) => new Int32Array(length));
      return { name: each.value('name', file?.name ?? ''), pages: stamps.length, stamps, frames };
    });
    this.#files.clear();
    for (const file of files) this.#files.set(file.name, file);
  }
}
