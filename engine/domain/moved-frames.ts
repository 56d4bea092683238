import type { Mfn } from '../host/frame-number.js';

/** Where frames are whose contents were moved behind their owner's back, by where they were. */
export type MovedFrames = ReadonlyMap<Mfn, Mfn>;

export const afterMove = (moved: MovedFrames, mfn: Mfn): Mfn => moved.get(mfn) ?? mfn;

/** A kernel that runs processes in a domain. What it keeps of them stays with the domain, which cannot leave its host meanwhile. */
export interface ProcessKernel {
  /** Frames of the domain moved, page tables of its processes among them. */
  follow(moved: MovedFrames): void;
}
