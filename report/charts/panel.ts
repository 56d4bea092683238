import { type Colour, colour } from '../palette.js';
import { FONT_SIZE } from './style.js';
import { fitText } from './text-widths.js';

const LINE = 15;
const LAST_LINE = -12;

/** Title and lines of notes above a panel, at the same height in every panel of as many lines. */
export function heads(title: string, notes: readonly string[], width: number, tone: Colour = 'muted') {
  const line = (text: string, height: number, style: object) => ({
    data: { values: [{}] },
    mark: { type: 'text', align: 'left', baseline: 'alphabetic', text: fitText(text, FONT_SIZE, width), ...style },
    encoding: { x: { value: 0 }, y: { value: height } },
  });
  const heightOf = (at: number): number => LAST_LINE - LINE * (notes.length - at);
  return [
    line(title, heightOf(0), { fontWeight: 600 }),
    ...notes.map((note, at) => line(note, heightOf(at + 1), { color: colour(tone) })),
  ];
}

/** Powers of ten in a range, or its ends where there are fewer than two. */
export function decades(low: number, high: number): readonly number[] {
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const powers = Array.from({ length: Math.floor(Math.log10(high) + 1e-9) - from + 1 }, (_, at) => 10 ** (from + at));
  return powers.length < 2 ? [low, high] : powers;
}
