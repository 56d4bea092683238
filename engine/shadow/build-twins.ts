import { EntryFlag, entryFrame, isSet, isWritable } from '../host/entry.js';
import { indexAt } from '../paging/format.js';
import { resync, resyncAll } from './resync.js';
import type { ShadowState } from './shadow-state.js';
import { TwinKind } from './twin-kind.js';

/** The number by which a large entry's splinter is known: its first guest frame, and what the guest's entry allows. */
export const splinterOf = (entry: number): number =>
  entryFrame(entry) * 4 + (isWritable(entry) ? 2 : 0) + (isSet(entry, EntryFlag.dirty) ? 1 : 0);

/** The twin of a guest table, made where there is none. A table that was out of sync as one of another level is synced. */
export const twinOf = (state: ShadowState, back: number, kind: number): number => {
  const { uses, twins } = state;
  const known = twins.find(back, kind);
  if (known >= 0) return known;
  if (kind !== TwinKind.splinter && uses.isOutOfSync(back)) resync(state, back);
  return twins.make(back, kind);
};

/**
 * The twin of the lowest level for the page of the last walk, with those above it made and linked. After a new link near the
 * root all tables are brought into sync: pages that the guest wrote to freely may have become tables.
 */
export const buildTwins = (state: ShadowState, page: number): number => {
  const { twins, uses, walk, format, observer } = state;
  let slot = state.root;
  let isNearRoot = false;
  for (let level = format.levels - 1; level > 0; level -= 1) {
    const index = indexAt(format, page, level);
    const known = twins.below(slot, index);
    const isSplinter = level === 1 && walk.isLarge;
    const kind = isSplinter ? TwinKind.splinter : level;
    const back = isSplinter ? splinterOf(walk.leafEntry) : walk.tables[level - 1];
    if (known >= 0 && twins.kind[known] === kind && twins.back[known] === back) {
      slot = known;
      continue;
    }
    const below = twinOf(state, back, kind);
    if (kind === TwinKind.l1 && uses.isOutOfSync(back)) resync(state, back);
    if (twins.link(slot, index, below)) observer.flushTlb();
    if (level > 1) isNearRoot = true;
    slot = below;
  }
  if (isNearRoot) resyncAll(state);
  return slot;
};
