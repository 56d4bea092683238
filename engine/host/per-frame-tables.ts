import type { BankLayout, PerFrameTable } from '../platform.js';

/**
 * Pages of a table with an entry for each frame, as the host's banks make it: `chunks` has those chunks of the table
 * that describe an installed frame, so holes cost nothing; `span` has everything from the first installed frame to the
 * last, rounded up.
 */
export const perFrameTablePages = (table: PerFrameTable, banks: readonly BankLayout[], pageBytes: number): number => {
  if (table.covers === 'chunks') return (chunksOf(table, banks, pageBytes) * table.chunkBytes) / pageBytes;
  const first = Math.min(...banks.map((bank) => bank.start));
  const end = Math.max(...banks.map((bank) => bank.start + bank.size));
  const bytes = ((end - first) / pageBytes) * table.bytesAFrame;
  const large = table.largeChunkBytes ?? table.chunkBytes;
  const chunk = bytes < large ? table.chunkBytes : large;
  return (Math.ceil(bytes / chunk) * chunk) / pageBytes;
};

const chunksOf = (table: PerFrameTable, banks: readonly BankLayout[], pageBytes: number): number => {
  const chunks = new Set<number>();
  for (const bank of banks) {
    const from = Math.floor(((bank.start / pageBytes) * table.bytesAFrame) / table.chunkBytes);
    const to = Math.ceil((((bank.start + bank.size) / pageBytes) * table.bytesAFrame) / table.chunkBytes);
    for (let chunk = from; chunk < to; chunk += 1) chunks.add(chunk);
  }
  return chunks.size;
};
