import type { TopLevelSpec } from 'vega-lite';
import type { StackChart } from '../../contracts/report-charts.js';
import { type Colour, colour } from '../palette.js';
import { asIs, place, placeTo } from './pixels.js';
import { chartConfig, FONT_SIZE, NARROW } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const ROW = 34;
const BAR = 22;
const KEY = 20;
const SWATCH = 16;
const KEY_GAP = 24;
/** A part of fewer pixels than this, beside its number, has none. */
const ROOM = 4;

/** Fills of neighbouring parts, each with the colour that its number is read in. Numbers tell parts apart, not fills. */
const FILLS: readonly (readonly [fill: Colour, text: Colour])[] = [
  ['accent', 'paper'],
  ['band', 'ink'],
  ['muted', 'paper'],
  ['rule', 'ink'],
];

const fillOf = (key: number): { readonly fill: string; readonly ink: string } => {
  const [fill, ink] = FILLS[key % FILLS.length];
  return { fill: colour(fill), ink: colour(ink) };
};

/** A bar an alternative of numbered parts on one scale, and below what the numbers mean. */
export function stackSpec(chart: StackChart, width: number): TopLevelSpec {
  const narrow = width <= NARROW;
  const labels = chart.bars.map(({ label }) => textWidth(label, FONT_SIZE));
  const labelWidth = narrow ? 0 : Math.min(width * 0.36, Math.max(...labels)) + 8;
  const plot = Math.floor(width - labelWidth);
  const totals = chart.bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0));
  const shown = chart.bars.filter(({ absent }) => !absent);
  const textSpace = Math.max(0, ...shown.map(({ text }) => textWidth(text, FONT_SIZE))) + 12;
  const scale = (plot - textSpace) / Math.max(...totals, Number.MIN_VALUE);
  const row = narrow ? ROW + 12 : ROW;
  const middle = (at: number): number => at * row + (narrow ? row - BAR / 2 - 4 : row / 2);
  const parts = chart.bars.flatMap((bar, at) => {
    let from = 0;
    return bar.parts.map((value, key) => {
      const [left, right] = [from * scale, (from += value) * scale];
      const number = String(key + 1);
      const fits = right - left >= textWidth(number, FONT_SIZE) + ROOM;
      return {
        x: left,
        x2: right,
        y: middle(at) - BAR / 2,
        y2: middle(at) + BAR / 2,
        centre: (left + right) / 2,
        middle: middle(at),
        number: fits ? number : '',
        ...fillOf(key),
      };
    });
  });
  const words = chart.bars.map((bar, at) => ({
    label: fitText(bar.label, FONT_SIZE, narrow ? plot : labelWidth - 8),
    text: bar.text,
    ink: colour(bar.absent ? 'more' : 'ink'),
    x: bar.absent ? 0 : totals[at] * scale + 6,
    y: middle(at),
    above: middle(at) - BAR / 2 - 8,
    left: narrow ? 0 : -labelWidth,
  }));
  return {
    config: chartConfig,
    spacing: 10,
    vconcat: [
      {
        width: plot,
        height: chart.bars.length * row,
        layer: [
          {
            data: { values: parts.filter(({ x, x2 }) => x2 > x) },
            mark: { type: 'rect', stroke: colour('paper'), strokeWidth: 1 },
            encoding: { ...place('x', 'y'), ...placeTo('x2', 'y2'), color: asIs('fill') },
          },
          {
            data: { values: parts.filter(({ number }) => number !== '') },
            mark: { type: 'text', align: 'center', baseline: 'middle' },
            encoding: { ...place('centre', 'middle'), text: { field: 'number', type: 'nominal' }, color: asIs('ink') },
          },
          {
            data: { values: words },
            mark: { type: 'text', align: 'left', baseline: 'middle' },
            encoding: { ...place('x', 'y'), text: { field: 'text', type: 'nominal' }, color: asIs('ink') },
          },
          {
            data: { values: words },
            mark: { type: 'text', align: 'left', baseline: 'middle' },
            encoding: {
              ...place('left', narrow ? 'above' : 'y'),
              text: { field: 'label', type: 'nominal' },
            },
          },
        ],
      },
      keySpec(chart.keys, plot),
    ],
  } as unknown as TopLevelSpec;
}

/** Each number in its fill, and what it stands for, in as many columns as fit. */
function keySpec(keys: readonly string[], plot: number) {
  const wanted = Math.max(...keys.map((key) => textWidth(key, FONT_SIZE))) + SWATCH + KEY_GAP;
  const perRow = Math.max(1, Math.min(keys.length, Math.floor((plot + KEY_GAP) / wanted)));
  const rows = Math.ceil(keys.length / perRow);
  const values = keys.map((label, key) => {
    const x = Math.floor(key / rows) * wanted;
    const y = (key % rows) * KEY;
    const middle = y + SWATCH / 2;
    const number = String(key + 1);
    return {
      x,
      x2: x + SWATCH,
      y,
      y2: y + SWATCH,
      centre: x + SWATCH / 2,
      middle,
      right: x + SWATCH + 6,
      number,
      label,
      ...fillOf(key),
    };
  });
  const text = (align: string) => ({ type: 'text', align, baseline: 'middle' });
  return {
    width: plot,
    height: rows * KEY,
    data: { values },
    layer: [
      { mark: { type: 'rect' }, encoding: { ...place('x', 'y'), ...placeTo('x2', 'y2'), color: asIs('fill') } },
      {
        mark: text('center'),
        encoding: { ...place('centre', 'middle'), text: { field: 'number', type: 'nominal' }, color: asIs('ink') },
      },
      { mark: text('left'), encoding: { ...place('right', 'middle'), text: { field: 'label', type: 'nominal' } } },
    ],
  };
}
