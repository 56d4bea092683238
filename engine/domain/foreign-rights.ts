import type { ForeignWay } from '../models/model.js';
import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Host } from '../host/host.js';
import { FrameType } from '../host/frame-table.js';
import { type Mfn, NO_FRAME, asMfn, hex } from '../host/frame-number.js';

interface HeldRights {
  readers: number;
  writers: number;
  /** Of both, those by grants. */
  granted: number;
}

const NO_RIGHTS: Readonly<HeldRights> = { readers: 0, writers: 0, granted: 0 };

/** The frames of others that the hypervisor lets a domain reach, each with a reference that it holds. */
export class ForeignRights implements Checkpointed {
  readonly #host: Host;
  readonly #held = new Map<Mfn, HeldRights>();
  /** Told of every frame to which a right was given or taken. */
  changed: ((mfn: Mfn) => void) | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Frames of others that the domain can reach. */
  get size(): number {
    return this.#held.size;
  }

  has(mfn: Mfn): boolean {
    return this.#held.has(mfn);
  }

  canWrite(mfn: Mfn): boolean {
    return (this.#held.get(mfn)?.writers ?? 0) > 0;
  }

  /** Takes a reference, and the writable type if asked for. Returns why not, or null. */
  enter(mfn: Mfn, writable: boolean, way: ForeignWay): string | null {
    const { frames } = this.#host;
    if (writable && !frames.takeType(mfn, FrameType.writable)) return `frame ${hex(mfn)} is in use as a page table`;
    frames.addReferences(mfn, 1);
    const held = this.#held.get(mfn) ?? { ...NO_RIGHTS };
    if (writable) held.writers += 1;
    else held.readers += 1;
    if (way === 'grant') held.granted += 1;
    this.#held.set(mfn, held);
    this.changed?.(mfn);
    return null;
  }

  remove(mfn: Mfn, writable: boolean, way: ForeignWay): void {
    const held = this.#held.get(mfn)!;
    if (way === 'grant') held.granted -= 1;
    if (writable) {
      held.writers -= 1;
      this.#host.frames.dropType(mfn);
    } else {
      held.readers -= 1;
    }
    this.#host.frames.addReferences(mfn, -1);
    if (held.readers + held.writers === 0) this.#held.delete(mfn);
    this.changed?.(mfn);
  }

  /**
   * Gives up all that are not by grants, as the hypervisor does for a domain that is gone; those by grants went before. Returns
   * how many mappings there were.
   */
  removeAll(): number {
    let removed = 0;
    for (const [mfn, { readers, writers }] of this.#held) {
      for (let count = 0; count < readers; count += 1) this.remove(mfn, false, 'privileged');
      for (let count = 0; count < writers; count += 1) this.remove(mfn, true, 'privileged');
      removed += readers + writers;
    }
    return removed;
  }

  /** Calls back with each frame and its references, those for writing and those by grants apart. */
  forEach(visit: (mfn: Mfn, references: number, writers: number, granted: number) => void): void {
    for (const [mfn, held] of this.#held) visit(mfn, held.readers + held.writers, held.writers, held.granted);
  }

  checkpoint(archive: Archive): void {
    const held = archive.list('held', [...this.#held], (each, entry): [Mfn, HeldRights] => {
      const [mfn, { readers, writers, granted }] = entry ?? [asMfn(NO_FRAME), NO_RIGHTS];
      return [
        each.value('mfn', mfn),
        {
          readers: each.value('readers', readers),
          writers: each.value('writers', writers),
          granted: each.value('granted', granted),
        },
      ];
    });
    this.#held.clear();
    for (const [mfn, rights] of held) this.#held.set(mfn, rights);
  }
}
