import { NO_FRAME, type Mfn } from '../host/frame-number.js';
import type { ZonedHeap } from './zoned-heap.js';

const MIB = 2 ** 20;
/** A chunk below the first bank has at least this many bytes, and so has every chunk while only low memory is asked. */
const LOW_CHUNK_BYTES = 128 * MIB;
const SMALLEST_CHUNK_BYTES = 4 * MIB;
/** Low memory is below 4 GiB. */
const LOW_ADDRESS_BITS = 32;
/** Xen has room for this many banks of one domain. */
const MAX_BANKS = 256;

export interface PlacedChunk {
  readonly first: Mfn;
  readonly order: number;
}

/** A bank of a domain's memory: frames `first` to `end − 1`. */
interface Bank {
  first: number;
  end: number;
}

export type Placement =
  | { readonly chunks: readonly PlacedChunk[] }
  | { readonly chunks: null; readonly unallocatedPages: number };

/**
 * Takes the memory of a direct-mapped domain out of the heap: first the largest chunk as low as it can be had, then the
 * largest that there are, low memory first. A chunk below the first bank that is smaller than 128 MiB ends it. All or
 * nothing: what was taken goes back when something is missing. Source of the rule: Xen 4.17, allocate_memory_11 in
 * xen/arch/arm/domain_build.c.
 */
export const placeDirect = (heap: ZonedHeap, pages: number, pageBytes: number): Placement => {
  const lowBits = LOW_ADDRESS_BITS - Math.log2(pageBytes);
  const lowOrder = Math.ceil(Math.log2(Math.min(pages, LOW_CHUNK_BYTES / pageBytes)));
  const smallestOrder = Math.log2(SMALLEST_CHUNK_BYTES / pageBytes);
  const chunks: PlacedChunk[] = [];
  const banks: Bank[] = [];
  let taken = 0;
  const left = (): number => pages - taken;
  const largest = (): number => Math.floor(Math.log2(left()));

  /** False when the chunk was given back: too small to stand below the first bank. */
  const insert = (first: Mfn, order: number): boolean => {
    const size = 2 ** order;
    const tooSmall = banks.length > 0 && size * pageBytes < LOW_CHUNK_BYTES && first + size < banks[0].first;
    if (tooSmall || !addToBanks(banks, first, first + size)) {
      heap.free(first, order);
      return false;
    }
    chunks.push({ first, order });
    taken += size;
    return true;
  };

  const takeLowest = (): boolean => {
    for (let order = largest(); order >= lowOrder; order -= 1) {
      for (let frameBits = Math.max(1, order - Math.log2(pageBytes)); frameBits <= lowBits; frameBits += 1) {
        const first = heap.allocate(order, { frameBits });
        if (first !== NO_FRAME) return insert(first, order);
      }
    }
    return false;
  };

  let lowOnly = takeLowest();
  let order = left() > 0 ? largest() : 0;
  while (left() > 0) {
    const first = heap.allocate(order, lowOnly ? { frameBits: lowBits } : {});
    if (first === NO_FRAME) {
      order -= 1;
      if (lowOnly && order < lowOrder) lowOnly = false;
      else if (order >= smallestOrder) continue;
      else break;
    } else if (!insert(first, order)) {
      if (banks.length === MAX_BANKS || !lowOnly) break;
      lowOnly = false;
    }
    if (left() > 0) order = largest();
  }
  if (left() === 0) return { chunks };
  for (const chunk of chunks) heap.free(chunk.first, chunk.order);
  return { chunks: null, unallocatedPages: left() };
};

/** Adds the range to the bank that it touches, or as a bank of its own in the order of addresses; false without room. */
const addToBanks = (banks: Bank[], first: number, end: number): boolean => {
  for (let index = 0; index < banks.length; index += 1) {
    const bank = banks[index];
    if (bank.first === end) {
      bank.first = first;
      return true;
    }
    if (bank.end === first) {
      bank.end = end;
      return true;
    }
    if (end < bank.first && banks.length < MAX_BANKS) {
      banks.splice(index, 0, { first, end });
      return true;
    }
  }
  if (banks.length === MAX_BANKS) return false;
  banks.push({ first, end });
  return true;
};
