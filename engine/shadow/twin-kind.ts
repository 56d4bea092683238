import { EntryFlag, packEntry } from '../host/entry.js';
import type { RadixScheme } from '../platform.js';

/**
 * What a twin stands for: a guest table whose entries are of that level, counted from 1 as x86 does; or, as `splinter`, a
 * large guest entry that is broken into pages.
 */
export const TwinKind = { l1: 1, l2: 2, l3: 3, l4: 4, splinter: 5 } as const;

/** Levels of the guest's tables: a twin of each kind below stands for one. */
export const LEVELS = 4;

/** Whether tables of a scheme can have twins. */
export const canShadow = ({ format }: RadixScheme): boolean => format.levels === LEVELS;

/** An entry of a twin that was never filled: an access to it has to walk the guest's tables. */
export const EMPTY = 0;
/**
 * The *magic* entry for a page that the guest's table does not map: the fault goes to the guest without a walk. Real ones set
 * reserved bits; here a size without a presence stands for them.
 */
export const KNOWN_ABSENT = packEntry(0, EntryFlag.large);
/** Rights of entries that point to the twin below: the leaf alone holds back. */
export const LINK_FLAGS = EntryFlag.present | EntryFlag.writable | EntryFlag.accessed | EntryFlag.dirty;
