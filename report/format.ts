/** Narrow no-break space: between groups of three digits, and between a number and its unit. */
const THIN = '\u202f';
const MINUS = '\u2212';
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

function superscript(exponent: number): string {
  return String(exponent).replace(/./g, (c) => (c === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? c)));
}

/** A whole number with its digits in groups of three, e.g. `12 345`. */
export function formatInteger(value: number): string {
  const rounded = Math.round(value);
  return (rounded < 0 ? MINUS : '') + grouped(String(Math.abs(rounded)));
}

/**
 * A number to three significant digits: whole above 100, plain down to 0.001 and by a power of ten outside. Whole numbers
 * keep all their digits below 10^15. No locale is asked. Throws for what is not finite: absent figures are said in words.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a figure: ${value}`);
  if (value === 0) return '0';
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (size >= 1e15 || size < 0.000_999_5) {
    const [mantissa = '', exponent = '0'] = size.toExponential(2).split('e');
    return `${sign}${mantissa}${THIN}×${THIN}10${superscript(Number(exponent))}`;
  }
  if (Number.isInteger(value) || size >= 99.95) return formatInteger(value);
  return (
    sign + Number(size.toPrecision(3)).toFixed(Math.max(0, 2 - Math.floor(Math.log10(Number(size.toPrecision(3))))))
  );
}

/** A unit as it is printed: µ where a file writes u. */
export function formatUnit(unit: string): string {
  return unit.replace(/^us(?=$|\/)/, 'µs');
}

/** A number with its unit; a percent sign too stands apart from its number. */
export function formatQuantity(value: number, unit: string): string {
  return unit === '' || unit === '1' ? formatNumber(value) : `${formatNumber(value)}${THIN}${formatUnit(unit)}`;
}

/** `low to high`, or the one number when both read the same. */
export function formatRange(low: number, high: number): string {
  const [from, to] = [formatNumber(low), formatNumber(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** A share from 0 to 1 in per cent. What is not quite none or all does not read as none or all. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.5) return `<${THIN}1${THIN}%`;
  if (percent < 100 && percent >= 99.5) return `>${THIN}99${THIN}%`;
  return `${Math.round(percent)}${THIN}%`;
}

/** Nanoseconds in the unit of time that suits `scale`, with the decimals that give `scale` four digits: for the terms of a sum. */
export function formatTime(nanoseconds: number, scale: number): string {
  const unit = timeUnit(scale);
  const size = Math.abs(scale) / unit.nanoseconds;
  const decimals = size === 0 ? 0 : Math.min(3, Math.max(0, 3 - Math.floor(Math.log10(size))));
  const [whole = '', fraction] = Math.abs(nanoseconds / unit.nanoseconds)
    .toFixed(decimals)
    .split('.');
  const sign = nanoseconds < 0 ? MINUS : '';
  return `${sign}${grouped(whole)}${fraction === undefined ? '' : `.${fraction}`}${THIN}${unit.name}`;
}

/** The largest unit of time of which `nanoseconds` holds one or more. */
export function timeUnit(nanoseconds: number): { readonly name: string; readonly nanoseconds: number } {
  const size = Math.abs(nanoseconds);
  if (size >= 1e9) return { name: 's', nanoseconds: 1e9 };
  if (size >= 1e6) return { name: 'ms', nanoseconds: 1e6 };
  if (size >= 1e3) return { name: 'µs', nanoseconds: 1e3 };
  return { name: 'ns', nanoseconds: 1 };
}

/** With a plus or a minus sign; zero has none. */
export function formatSigned(text: string, value: number): string {
  return value > 0 ? `+${text}` : text;
}

/** A weight from 0 to 1 in points of 100. What divisions left at the twelfth digit is not shown. */
export function formatPoints(weight: number): string {
  return formatNumber(Number((100 * weight).toPrecision(12)));
}

/** `1 draw`, `16 draws`. */
export function countOf(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${formatInteger(count)} ${count === 1 ? singular : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** A name from outside for use inside a sentence: right-to-left text must not reorder its surroundings. */
export function nameInSentence(name: string): string {
  return /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff]/.test(name)
    ? FIRST_STRONG_ISOLATE + name + POP_ISOLATE
    : name;
}

/** A title for use inside a sentence: small where its first word is no name or abbreviation. */
export function lowered(title: string): string {
  return /^\p{Lu}[^\p{Lu}\s]*(?:\s|$)/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** Begins with a capital and ends with a full stop, unless it ends a sentence already. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return trimmed === '' || /[.!?…]$/.test(trimmed) ? begun : `${begun}.`;
}
