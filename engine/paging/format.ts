/** The shape of a radix page table. Level 0 holds the entries of single pages; the root is at `levels − 1`. */
export interface RadixFormat {
  readonly levels: number;
  /** log2 of the entries of one table: 9 for a 4 KiB table of 8-byte entries. */
  readonly indexBits: number;
  /** The highest level at which an entry may map memory itself: 1 for 2 MiB, 2 for 1 GiB. */
  readonly largestLeaf: number;
}

/** x86-64 with 4 KiB pages: PML4, PDPT, PD, PT. */
export const X86_64: RadixFormat = { levels: 4, indexBits: 9, largestLeaf: 2 };
/** x86-64 with 57-bit addresses. */
export const X86_64_5_LEVEL: RadixFormat = { levels: 5, indexBits: 9, largestLeaf: 2 };

/** arm64 with the 4 KiB granule and 48-bit addresses. */
export const ARM64_4K: RadixFormat = { levels: 4, indexBits: 9, largestLeaf: 2 };

/** Powers of two by exponent, since `**` is a call. */
const POWERS = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** Pages that one entry at the level covers. */
export const pagesAt = (format: RadixFormat, level: number): number => POWERS[format.indexBits * level];

/** The page number without the bits that index the tables below the level. Page numbers may have up to 52 bits. */
export const prefixAt = (format: RadixFormat, page: number, level: number): number => {
  const shift = format.indexBits * level;
  return shift < 32 && page < 2 ** 32 ? page >>> shift : Math.floor(page / POWERS[shift]);
};

/** The index of the page's entry in its table at the level. */
export const indexAt = (format: RadixFormat, page: number, level: number): number =>
  prefixAt(format, page, level) & (POWERS[format.indexBits] - 1);

/** The page's place in the aligned run that one entry at the level covers; runs are below 2^31 pages. */
export const offsetAt = (format: RadixFormat, page: number, level: number): number =>
  page & (pagesAt(format, level) - 1);
