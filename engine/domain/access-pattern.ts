import type { Archive } from '../checkpoint/archive.js';

/**
 * What a program does to its memory. Pages are numbered from zero within the program.
 *
 * An access is one 32-bit word: bits 31 to 8 the page, bits 7 to 1 the number of accesses in a row less one, bit 0 set
 * for a write.
 */
export interface AccessPattern {
  /** Distinct pages: every page number is below it. */
  readonly pages: number;
  /** Fills the buffer from its start and returns how many words are valid; 0 when the program has ended. */
  fill(buffer: Uint32Array): number;
  /** Its place in the pattern, for a checkpoint. A pattern without this cannot be saved while it runs. */
  checkpoint?(archive: Archive): void;
}

export const MAX_REPEATS = 128;
export const MAX_PATTERN_PAGES = 2 ** 24;

export const encodeAccess = (page: number, write: boolean, repeats = 1): number =>
  ((page << 8) | ((repeats - 1) << 1) | (write ? 1 : 0)) >>> 0;
export const accessPage = (word: number): number => word >>> 8;
export const accessRepeats = (word: number): number => ((word >>> 1) & 0x7f) + 1;
export const accessWrites = (word: number): boolean => (word & 1) === 1;
