/**
 * An entry of a page table: frame << 5 | flags, in 32 bits. 27 bits of frame are 512 GiB of 4 KiB pages. A frame is in the
 * numbers of the table's own dimension: guest frames where the hypervisor translates behind the guest, else machine frames.
 */
export const EntryFlag = { present: 1, writable: 2, accessed: 4, dirty: 8, large: 16 } as const;
const FRAME_SHIFT = 5;
const FLAG_MASK = (1 << FRAME_SHIFT) - 1;
const LEAF_FLAGS = FLAG_MASK & ~EntryFlag.large;

export const packEntry = (frame: number, flags: number): number => ((frame << FRAME_SHIFT) | flags) >>> 0;
/** A present entry of a single page. */
export const makeEntry = (frame: number, writable: boolean): number =>
  packEntry(frame, EntryFlag.present | (writable ? EntryFlag.writable : 0));
export const entryFrame = (entry: number): number => entry >>> FRAME_SHIFT;
/** The same rights on another frame. */
export const withFrame = (entry: number, frame: number): number => packEntry(frame, entry & FLAG_MASK);
export const isSet = (entry: number, flag: number): boolean => (entry & flag) !== 0;
export const isPresent = (entry: number): boolean => isSet(entry, EntryFlag.present);
export const isWritable = (entry: number): boolean => isSet(entry, EntryFlag.writable);
/** Whether the entry, read at the level, maps memory itself. */
export const isLeaf = (entry: number, level: number): boolean =>
  isPresent(entry) && (level === 0 || isSet(entry, EntryFlag.large));
/** Whether the entry, read at the level, points to the table below. */
export const isLink = (entry: number, level: number): boolean =>
  isPresent(entry) && level > 0 && !isSet(entry, EntryFlag.large);
/** Present, writable, accessed and dirty flags, without the size. */
export const leafFlags = (entry: number): number => entry & LEAF_FLAGS;
