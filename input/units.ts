import { didYouMean } from './nearest.js';

interface Unit {
  readonly dimension: string;
  /** Multiples of the dimension's base unit. */
  readonly factor: number;
}

function table(dimension: string, factors: Readonly<Record<string, number>>): readonly (readonly [string, Unit])[] {
  return Object.entries(factors).map(([name, factor]) => [name, { dimension, factor }] as const);
}

const units: ReadonlyMap<string, Unit> = new Map([
  ...table('size', {
    B: 1,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
    kB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
  }),
  ...table('time', { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12 }),
  ...table('frequency', { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 }),
  ...table('data rate', {
    'bit/s': 1,
    'kbit/s': 1e3,
    'Mbit/s': 1e6,
    'Gbit/s': 1e9,
    'Tbit/s': 1e12,
    'B/s': 8,
    'KiB/s': 2 ** 13,
    'MiB/s': 2 ** 23,
    'GiB/s': 2 ** 33,
    'kB/s': 8e3,
    'MB/s': 8e6,
    'GB/s': 8e9,
  }),
  ...table('share', { '%': 1, share: 100 }),
]);

/** Units with which a bare number will do. */
const unitless: ReadonlySet<string> = new Set(['', '1', 'count', 'number', 'points']);

/** What is in no table: `µs/MiB` is a unit of time per size, `pages/s` of pages per time, and `months` is only itself. */
function unitOf(name: string): Unit {
  const known = units.get(name);
  if (known !== undefined) return known;
  const slash = name.lastIndexOf('/');
  if (slash < 0) return { dimension: name, factor: 1 };
  const [above, below] = [unitOf(name.slice(0, slash).trim()), unitOf(name.slice(slash + 1).trim())];
  return { dimension: `${above.dimension} per ${below.dimension}`, factor: above.factor / below.factor };
}

/** The units that a quantity may be given in where `wanted` is asked for. */
export function unitsLike(wanted: string): readonly string[] {
  const { dimension } = unitOf(wanted);
  const same = [...units].filter(([, unit]) => unit.dimension === dimension).map(([name]) => name);
  if (same.length > 0) return same.filter((name) => name !== 'us' && name !== 'μs');
  return [wanted];
}

export type Quantity =
  | { readonly ok: true; readonly value: number }
  | {
      readonly ok: false;
      readonly fault: 'wrong-type' | 'wrong-unit' | 'out-of-range';
      readonly message: string;
      readonly expected: string;
      readonly hint?: string;
    };

const pattern = /^(?<number>[+-]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?<unit>\S.*)?$/u;

/**
 * A number in `wanted` from what a file says: `256 MiB` is 0.25 where GiB is wanted. A number without a unit is taken only
 * where no unit is wanted; nothing below zero is.
 */
export function parseQuantity(given: unknown, wanted: string): Quantity {
  const example = unitless.has(wanted) ? 'a number' : `a number and a unit of ${unitsLike(wanted).join(', ')}`;
  if (typeof given !== 'string' && typeof given !== 'number') {
    return {
      ok: false,
      fault: 'wrong-type',
      message: `${kindOf(given)} where a quantity is wanted`,
      expected: example,
    };
  }
  const text = String(given).trim();
  const found = pattern.exec(text)?.groups;
  if (found === undefined)
    return { ok: false, fault: 'wrong-type', message: `"${shorten(text)}" is not a quantity`, expected: example };
  const number = Number(found['number'].replaceAll('_', ''));
  const unit = found['unit'] ?? '';
  if (!Number.isFinite(number))
    return { ok: false, fault: 'out-of-range', message: `"${shorten(text)}" is too large`, expected: example };
  const fault = unitFault(text, unit, wanted, example);
  if (fault !== undefined) return fault;
  if (number < 0)
    return {
      ok: false,
      fault: 'out-of-range',
      message: `"${text}" is below zero`,
      expected: 'a quantity of zero or more',
    };
  return { ok: true, value: unitless.has(wanted) ? number : convert(number, unit, wanted) };
}

function unitFault(text: string, unit: string, wanted: string, expected: string): Quantity | undefined {
  if (unitless.has(wanted)) {
    if (unitless.has(unit)) return undefined;
    return { ok: false, fault: 'wrong-unit', message: `"${shorten(text)}" has a unit where none is wanted`, expected };
  }
  if (unit === '') {
    const hint = `write "${text} ${wanted}" if that is what you mean`;
    return { ok: false, fault: 'wrong-unit', message: `"${text}" has no unit`, expected, hint };
  }
  if (unitOf(unit).dimension === unitOf(wanted).dimension) return undefined;
  if (units.has(unit))
    return { ok: false, fault: 'wrong-unit', message: `"${unit}" is a unit of ${unitOf(unit).dimension}`, expected };
  const hint = didYouMean(unit, unitsLike(wanted));
  return {
    ok: false,
    fault: 'wrong-unit',
    message: `"${shorten(unit)}" is no unit that fits here`,
    expected,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Between units of one dimension. Exact where both factors are powers of two. */
export function convert(number: number, from: string, to: string): number {
  if (from === to) return number;
  const [source, target] = [unitOf(from).factor, unitOf(to).factor];
  return source >= target ? number * (source / target) : number / (target / source);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
