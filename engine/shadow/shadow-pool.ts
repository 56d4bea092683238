import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { FrameSource } from '../paging/table-frames.js';
import { NO_FRAME } from '../host/frame-number.js';

/** What a frame of the pool holds. */
export const PoolUse = { free: 0, twin: 1, snapshot: 2, p2m: 3 } as const;
export type PoolUseId = (typeof PoolUse)[keyof typeof PoolUse];

/** The frames that the hypervisor keeps for one domain's twins, snapshots and p2m, by slot: 0 to `size` − 1. */
export class ShadowPool implements Checkpointed {
  readonly frames: readonly number[];
  readonly use: Uint8Array;
  readonly #slots: ReadonlyMap<number, number>;
  #free: number[];

  constructor(frames: readonly number[]) {
    this.frames = frames;
    this.use = new Uint8Array(frames.length);
    this.#slots = new Map(frames.map((frame, slot) => [frame, slot]));
    this.#free = frames.map((_, slot) => slot).toReversed();
  }

  get size(): number {
    return this.frames.length;
  }

  get freeFrames(): number {
    return this.#free.length;
  }

  slotOf(frame: number): number {
    return this.#slots.get(frame)!;
  }

  /** A free slot, or −1. */
  take(use: PoolUseId): number {
    const slot = this.#free.pop();
    if (slot === undefined) return -1;
    this.use[slot] = use;
    return slot;
  }

  giveBack(slot: number): void {
    if (this.use[slot] === PoolUse.free) throw new Error(`slot ${slot} of a shadow pool is free already`);
    this.use[slot] = PoolUse.free;
    this.#free.push(slot);
  }

  checkpoint(archive: Archive): void {
    archive.view('use', this.use);
    this.#free = archive.numbers('free', this.#free);
  }

  /** Hands out frames for the tables of the p2m. */
  forP2m(): FrameSource {
    return {
      take: () => {
        const slot = this.take(PoolUse.p2m);
        return slot < 0 ? NO_FRAME : this.frames[slot];
      },
      giveBack: (frame) => this.giveBack(this.slotOf(frame)),
    };
  }
}
