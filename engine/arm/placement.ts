import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import type { MoveTarget } from '../models/model.js';
import type { SecondStageSource } from '../models/second-stage-frames.js';
import type { FrameRange } from './boot-memory.js';

/** Where a host puts the memory of a P==M domain that is behind a second stage. */
export interface DirectPlacement {
  /** Where its tables come from, but for the root, which is a frame of the heap. */
  readonly tablesFrom: SecondStageSource['othersFrom'];
  /** Gives the new domain so many frames, all or nothing: which, in ascending order, or why not. */
  readonly place: (pages: number) => readonly FrameRange[] | Finding;
  /** Gives a domain that comes back these very frames, all or nothing. */
  readonly placeAt: (pfns: readonly Pfn[]) => Finding | null;
  /** What stands in the way of moving it to another host, or null. */
  readonly refusesMove: (owned: readonly Pfn[], target: MoveTarget) => Finding | null;
}

export type PlaceDirect = (domain: Domain) => DirectPlacement;
