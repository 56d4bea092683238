import { z } from 'zod';
import { parseQuantity } from './units.js';

/** Values of a platform's settings that are written as a short text. */

/** A bank of memory, in bytes: `4 GiB + 3 GiB` is start and size; `on node 1` may follow. */
export interface Bank {
  readonly start: number;
  readonly size: number;
  /** The node that it belongs to, where the platform has nodes. */
  readonly node?: number;
}

/** Entries of one page size in a TLB: `64 entries of 4 KiB, 4 ways`. */
export interface TlbEntries {
  readonly entries: number;
  readonly pageBytes: number;
  readonly ways: number;
}

const written = <Value>(read: (text: string) => Value | undefined, kind: string, expected: string) =>
  z.string().transform((text, context): Value => {
    const value = read(text);
    if (value !== undefined) return value;
    const params = { code: 'wrong-type', expected };
    context.addIssue({ code: 'custom', message: `"${text}" is no ${kind}`, params });
    return z.NEVER;
  });

export const bank = written<Bank>(
  (text) => {
    const [place, node, ...more] = text.split(' on node ');
    if (more.length > 0 || (node !== undefined && !/^\d{1,3}$/u.test(node))) return undefined;
    const parts = place.split('+').map((part) => parseQuantity(part, 'B'));
    const [start, size] = parts;
    if (parts.length !== 2 || !start?.ok || !size?.ok || size.value === 0) return undefined;
    return { start: start.value, size: size.value, ...(node === undefined ? {} : { node: Number(node) }) };
  },
  'bank',
  'start + size, such as "4 GiB + 3 GiB"',
);

const tlbPattern = /^(?<entries>\d+) entr(?:y|ies) of (?<size>[^,]+), (?<ways>\d+) ways?$/u;

export const tlbEntries = written<TlbEntries>(
  (text) => {
    const { entries = '0', size, ways = '0' } = tlbPattern.exec(text.trim())?.groups ?? {};
    const page = parseQuantity(size, 'B');
    const sets = Number(entries) / Number(ways);
    if (!page.ok || !Number.isInteger(Math.log2(sets))) return undefined;
    return { entries: Number(entries), pageBytes: page.value, ways: Number(ways) };
  },
  'set of TLB entries',
  'entries, page size and ways, in a power of two of sets, such as "64 entries of 4 KiB, 4 ways"',
);
