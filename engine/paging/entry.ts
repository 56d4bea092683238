/**
 * An entry of a radix table: frame << 5 | flags, in 32 bits. 27 bits of frame are 512 GiB of 4 KiB pages. A frame is in
 * the numbers of the table's own dimension: guest frames in a guest's tables under nested paging, else machine frames.
 */
export const RadixFlag = { present: 1, writable: 2, accessed: 4, dirty: 8, large: 16 } as const;
const FRAME_SHIFT = 5;
const FLAG_MASK = (1 << FRAME_SHIFT) - 1;
const LEAF_FLAGS = FLAG_MASK & ~RadixFlag.large;

export const makeRadixEntry = (frame: number, flags: number): number => ((frame << FRAME_SHIFT) | flags) >>> 0;
export const radixFrame = (entry: number): number => entry >>> FRAME_SHIFT;
export const isSet = (entry: number, flag: number): boolean => (entry & flag) !== 0;
/** Whether the entry, read at the level, maps memory itself. */
export const isLeaf = (entry: number, level: number): boolean =>
  isSet(entry, RadixFlag.present) && (level === 0 || isSet(entry, RadixFlag.large));
/** Whether the entry, read at the level, points to the table below. */
export const isLink = (entry: number, level: number): boolean =>
  isSet(entry, RadixFlag.present) && level > 0 && !isSet(entry, RadixFlag.large);
/** Present, writable, accessed and dirty flags, without the size. */
export const leafFlags = (entry: number): number => entry & LEAF_FLAGS;
