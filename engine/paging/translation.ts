import type { Archive } from '../checkpoint/archive.js';
import { NO_FRAME } from '../host/frame-number.js';

/** How an access ends. The last two are second-stage faults: an EPT violation, a nested page fault, a stage 2 abort. */
export const Fault = { none: 0, notMapped: 1, readOnly: 2, secondNotMapped: 3, secondReadOnly: 4 } as const;
export type FaultId = (typeof Fault)[keyof typeof Fault];

/** What an access found. Each MMU has one that every access writes anew. */
export interface Translation {
  /** Frame of the page; after a second-stage fault, the guest frame that caused it. */
  frame: number;
  /** The run that one TLB entry may cover, as a level. */
  level: number;
  writable: boolean;
  /** Whether later writes need not set the dirty flag. */
  dirty: boolean;
}

export const newTranslation = (): Translation => ({ frame: NO_FRAME, level: 0, writable: false, dirty: false });

/** What one dimension of an MMU did. */
export interface WalkCounts {
  /** Entries of tables that were read from memory. */
  references: number;
  tlbHits: number;
  tlbMisses: number;
  walkCacheHits: number;
  accessedSet: number;
  dirtySet: number;
}

export const newWalkCounts = (): WalkCounts => ({
  references: 0,
  tlbHits: 0,
  tlbMisses: 0,
  walkCacheHits: 0,
  accessedSet: 0,
  dirtySet: 0,
});

export const checkpointCounts = (archive: Archive, counts: WalkCounts): void => {
  for (const name of Object.keys(counts) as (keyof WalkCounts)[]) counts[name] = archive.value(name, counts[name]);
};
