import type { TopLevelSpec } from 'vega-lite';
import type { ChainChart, PassageKind } from '../../contracts/report-charts.js';
import { type Colour, colour } from '../palette.js';
import { heads } from './panel.js';
import { asIs, place, placeTo } from './pixels.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const SPACING = 24;
const BOX = 26;
const LINE = 19;
const MARGIN = 12;
/** Where the line from box to box stands, and the words beside it. */
const LINE_AT = 14;
const WORDS_AT = 30;
/** Height between two boxes where nothing goes. */
const EMPTY = 26;

interface Mark {
  readonly shape: string;
  readonly tone: Colour;
  readonly full: boolean;
}

/** Shape and colour both tell what happens. */
const MARKS: Readonly<Record<PassageKind, Mark>> = {
  copied: { shape: 'circle', tone: 'more', full: true },
  mapped: { shape: 'circle', tone: 'accent', full: false },
  'handed on': { shape: 'triangle-down', tone: 'less', full: true },
  refused: { shape: 'cross', tone: 'more', full: true },
  'read by DMA': { shape: 'diamond', tone: 'accent', full: false },
};

type Panel = ChainChart['panels'][number];

/** A box a station from top to bottom, a panel an alternative; what becomes of a page is marked on the line between. */
export function chainSpec(chart: ChainChart, width: number): TopLevelSpec {
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width, 200) : 1;
  const plot = Math.floor((width - (perRow - 1) * SPACING) / perRow);
  const longest = Math.max(...chart.panels.map(({ stations }) => stations.length));
  /** Heights between boxes, shared by all panels, so that stations stand beside each other. */
  const gaps = Array.from({ length: longest - 1 }, (_, at) => {
    const lines = chart.panels.map(({ stations }) => stations[at - (longest - stations.length)]?.passages.length ?? 0);
    return Math.max(EMPTY, Math.max(...lines) * LINE + 2 * MARGIN - 4);
  });
  const tops = [0];
  for (const [at, gap] of gaps.entries()) tops.push(tops[at] + BOX + gap);
  return {
    config: chartConfig,
    columns: perRow,
    spacing: SPACING,
    concat: chart.panels.map((panel) => panelSpec(panel, { plot, tops })),
  } as unknown as TopLevelSpec;
}

function panelSpec(panel: Panel, { plot, tops }: { readonly plot: number; readonly tops: readonly number[] }) {
  const skipped = tops.length - panel.stations.length;
  const boxes = panel.stations.map(({ label }, at) => {
    const y = tops[at + skipped];
    const text = fitText(label, FONT_SIZE, plot - 20);
    return { x: 0, x2: textWidth(text, FONT_SIZE) + 20, y, y2: y + BOX, middle: y + BOX / 2, left: 10, text };
  });
  const ways = panel.stations.slice(0, -1).map(({ passages }, at) => ({
    x: LINE_AT,
    y: boxes[at].y2,
    end: boxes[at + 1].y,
    goes: passages.some(({ kind }) => kind !== 'refused'),
  }));
  const passages = panel.stations.flatMap((station, at) =>
    station.passages.map(({ kind, text }, index) => {
      const { shape, tone, full } = MARKS[kind];
      const free = boxes[at + 1].y - boxes[at].y2 - station.passages.length * LINE;
      return {
        x: LINE_AT,
        y: boxes[at].y2 + free / 2 + (index + 0.5) * LINE - 2,
        words: WORDS_AT,
        text: fitText(text, FONT_SIZE, plot - WORDS_AT),
        shape,
        stroke: colour(tone),
        fill: colour(full ? tone : 'paper'),
      };
    }),
  );
  const line = (goes: boolean, dash: readonly number[]) => ({
    data: { values: ways.filter((way) => way.goes === goes) },
    mark: { type: 'rule', color: colour('muted'), strokeWidth: 1.5, strokeDash: dash },
    encoding: { ...place('x', 'y'), y2: { field: 'end' } },
  });
  return {
    width: plot,
    height: tops[tops.length - 1] + BOX,
    layer: [
      line(true, []),
      line(false, [3, 4]),
      {
        data: { values: ways.filter(({ goes }) => goes).map(({ x, end }) => ({ x, y: end - 4 })) },
        mark: { type: 'point', shape: 'triangle-down', filled: true, opacity: 1, size: 40, color: colour('muted') },
        encoding: place('x', 'y'),
      },
      {
        data: { values: boxes },
        mark: { type: 'rect', fill: colour('shade'), stroke: colour('muted'), strokeWidth: 1, cornerRadius: 3 },
        encoding: { ...place('x', 'y'), ...placeTo('x2', 'y2') },
      },
      {
        data: { values: boxes },
        mark: { type: 'text', align: 'left', baseline: 'middle' },
        encoding: { ...place('left', 'middle'), text: { field: 'text', type: 'nominal' } },
      },
      {
        data: { values: passages },
        mark: { type: 'point', opacity: 1, size: 80, strokeWidth: 1.5 },
        encoding: { ...place('x', 'y'), shape: asIs('shape'), stroke: asIs('stroke'), fill: asIs('fill') },
      },
      {
        data: { values: passages },
        mark: { type: 'text', align: 'left', baseline: 'middle' },
        encoding: { ...place('words', 'y'), text: { field: 'text', type: 'nominal' } },
      },
      ...heads(panel.title, [panel.absent || panel.note], plot, panel.absent === '' ? 'muted' : 'more'),
    ],
  };
}
