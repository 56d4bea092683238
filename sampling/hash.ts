const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * 32-bit FNV-1a hash of a string's UTF-8 bytes, as an unsigned integer.
 * Source: Fowler, Noll, Vo and Eastlake, RFC 9923 (The FNV Non-Cryptographic Hash Algorithm).
 */
export function fnv1a(text: string): number {
  let hash = offsetBasis;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, prime);
  return hash >>> 0;
}
