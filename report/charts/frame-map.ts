import type { TopLevelSpec } from 'vega-lite';
import type { FrameMapChart } from '../../contracts/frame-map-chart.js';
import { type Colour, colour } from '../palette.js';
import { type CellBlock, cellBlocks } from './cell-blocks.js';
import { type CellLook, looksOf } from './cell-looks.js';
import { type Box, fillPath, linePath } from './cell-paths.js';
import { heads } from './panel.js';
import { asIs, place } from './pixels.js';
import { chartConfig, FONT_SIZE, NARROW, panelColumns } from './style.js';
import { fitText, textWidth } from './text-widths.js';

const SPACING = 24;
const CELL_HEIGHT = 5;
/** A spot in a cell. */
const SPOT = 2;
const LINE = 16;
/** Between banks, and between maps. */
const GAP = 5;
const BETWEEN = 10;
/** A number on a small piece of paper, and the room that it wants. */
const CHIP = 12;
const ROOM = 14;
const SWATCH: Box = { x: 0, y: 0, width: 26, height: 15 };
const KEY = 21;
const KEY_GAP = 20;
/** By this size a symbol's path is drawn as it is written. */
const AS_WRITTEN = 4;

interface Chip {
  readonly x: number;
  readonly y: number;
  readonly number: string;
}

interface Text {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly tone: Colour;
}

/** What is drawn of one view, each kind at once. */
interface Drawing {
  readonly fills: { readonly path: string; readonly fill: string }[];
  readonly lines: { readonly path: string; readonly stroke: string }[];
  readonly spots: { readonly path: string; readonly stroke: string }[];
  /** Outlines of what is there, and of what is not. */
  readonly outlines: string[];
  readonly absent: string[];
  readonly chips: Chip[];
  readonly texts: Text[];
}

const emptyDrawing = (): Drawing => ({
  fills: [],
  lines: [],
  spots: [],
  outlines: [],
  absent: [],
  chips: [],
  texts: [],
});

/** Maps below each other, a panel an alternative; rows of cells from low addresses to high, and below what the numbers mean. */
export function frameMapSpec(chart: FrameMapChart, width: number): TopLevelSpec {
  const perRow = width > NARROW ? panelColumns(chart.panels.length, width, 200) : 1;
  const room = Math.floor((width - (perRow - 1) * SPACING) / perRow);
  const cell = Math.floor(room / chart.columns);
  const looks = looksOf(chart.owners);
  return {
    config: chartConfig,
    spacing: 14,
    vconcat: [
      {
        columns: perRow,
        spacing: { row: 44, column: room + SPACING - cell * chart.columns },
        concat: chart.panels.map((panel) => panelSpec(chart, panel, { cell, looks })),
      },
      keySpec(chart, looks, width),
    ],
  } as unknown as TopLevelSpec;
}

interface Style {
  readonly cell: number;
  readonly looks: readonly CellLook[];
}

function panelSpec(chart: FrameMapChart, panel: FrameMapChart['panels'][number], { cell, looks }: Style) {
  const { columns, banks } = chart;
  const width = cell * columns;
  const drawing = emptyDrawing();
  let y = 0;
  for (const { moment, banks: drawn } of panel.maps) {
    drawing.texts.push({ x: 0, y: y + LINE / 2, text: moment, tone: 'ink' });
    y += LINE;
    for (const [at, { title, cells }] of banks.entries()) {
      if (title !== '') {
        const text = drawn[at] === null ? `${title}, not there` : title;
        drawing.texts.push({ x: 0, y: y + LINE / 2, text: fitText(text, FONT_SIZE, width), tone: 'muted' });
        y += LINE;
      }
      y += drawBank(drawing, drawn[at] ?? null, { cells, columns, cell, looks, top: y }) + GAP;
    }
    y += BETWEEN;
  }
  return {
    width,
    height: Math.max(1, y - BETWEEN - GAP),
    layer: [
      ...layersOf(drawing, cell),
      ...heads(panel.title, panel.absent === '' ? [] : [panel.absent], width, 'more'),
    ],
  };
}

interface BankStyle extends Style {
  readonly cells: number;
  readonly columns: number;
  readonly top: number;
}

/** Draws a bank at `top`, or that it is not there; its height. */
function drawBank(
  drawing: Drawing,
  runs: FrameMapChart['panels'][number]['maps'][number]['banks'][number],
  { cells, columns, cell, looks, top }: BankStyle,
): number {
  const rows = Math.ceil(cells / columns);
  const whole = Math.floor(cells / columns);
  const last = cells - whole * columns;
  const boxOf = ({ left, top: row, right, bottom }: CellBlock): Box => ({
    x: left * cell,
    y: top + row * CELL_HEIGHT,
    width: (right - left) * cell,
    height: (bottom - row) * CELL_HEIGHT,
  });
  const outline =
    last === 0 || whole === 0
      ? fillPath([{ x: 0, y: top, width: (whole === 0 ? last : columns) * cell, height: rows * CELL_HEIGHT }])
      : `M0,${top}h${columns * cell}v${whole * CELL_HEIGHT}h${(last - columns) * cell}v${CELL_HEIGHT}h${-last * cell}Z`;
  (runs === null ? drawing.absent : drawing.outlines).push(outline);
  const blocks = cellBlocks(runs ?? [], columns);
  for (const owner of new Set(blocks.map((each) => each.owner))) {
    const boxes = blocks.filter((each) => each.owner === owner).map(boxOf);
    drawCells(drawing, boxes, looks[owner], cell);
    const [widest] = boxes
      .filter(({ width, height }) => width >= ROOM && height >= ROOM)
      .toSorted((one, other) => other.width * other.height - one.width * one.height);
    if (widest !== undefined) drawing.chips.push(chipIn(widest, owner));
  }
  drawSpots(drawing, runs ?? [], { columns, cell, looks, top });
  return rows * CELL_HEIGHT;
}

/** The colour of a spot: of what tells the owner from paper. */
const spotOf = ({ fill, lines, ink }: CellLook): Colour => (lines !== 'none' && fill === 'paper' ? ink : fill);

/** A spot in the middle of each cell that is not one owner's alone, in the colour of who has most of the rest: a dash, by row. */
function drawSpots(
  drawing: Drawing,
  runs: readonly (readonly [cells: number, owner: number, rest: number])[],
  { columns, cell, looks, top }: Omit<BankStyle, 'cells'>,
): void {
  const dashes = new Map<number, string>();
  let at = 0;
  for (const [cells, , rest] of runs) {
    for (const end = at + cells; at < end;) {
      const next = Math.min(end, (Math.floor(at / columns) + 1) * columns);
      const x = ((at % columns) + 0.5) * cell - SPOT / 2;
      const y = top + (Math.floor(at / columns) + 0.5) * CELL_HEIGHT;
      if (rest >= 0) dashes.set(rest, `${dashes.get(rest) ?? ''}M${x},${y}h${(next - at - 1) * cell + SPOT}`);
      at = next;
    }
  }
  for (const [owner, path] of dashes) drawing.spots.push({ path, stroke: colour(spotOf(looks[owner])) });
}

function drawCells(drawing: Drawing, boxes: readonly Box[], { fill, lines, ink }: CellLook, cell: number): void {
  if (fill !== 'paper') drawing.fills.push({ path: fillPath(boxes), fill: colour(fill) });
  if (lines !== 'none')
    drawing.lines.push({ path: linePath(boxes, lines, { width: cell, height: CELL_HEIGHT }), stroke: colour(ink) });
}

function chipIn({ x, y, width, height }: Box, owner: number): Chip {
  return { x: x + width / 2, y: y + height / 2, number: String(owner + 1) };
}

/** The piece of paper that a number stands on. */
function paperOf({ x, y, number }: Chip): Box {
  const width = Math.max(CHIP, Math.ceil(textWidth(number, FONT_SIZE)) + 4);
  return { x: x - width / 2, y: y - CHIP / 2, width, height: CHIP };
}

function layersOf({ fills, lines, spots, outlines, absent, chips, texts }: Drawing, cell: number) {
  const path = (values: readonly object[], mark: object, encoding: object = {}) => ({
    data: { values: values.map((each) => ({ x: 0, y: 0, ...each })) },
    mark: { type: 'point', size: AS_WRITTEN, opacity: 1, ...mark },
    encoding: { ...place('x', 'y'), shape: asIs('path'), ...encoding },
  });
  const frame = (paths: readonly string[], dash: readonly number[]) =>
    path(
      [{ path: paths.join('') }].filter(() => paths.length > 0),
      { filled: false, stroke: colour('muted'), strokeWidth: 1, strokeDash: dash },
    );
  return [
    path(fills, { filled: true, strokeWidth: 0 }, { fill: asIs('fill') }),
    path(lines, { filled: false, strokeWidth: 1 }, { stroke: asIs('stroke') }),
    path(spots, { filled: false, strokeWidth: SPOT, strokeDash: [SPOT, cell - SPOT] }, { stroke: asIs('stroke') }),
    frame(outlines, []),
    frame(absent, [3, 3]),
    path(
      [{ path: fillPath(chips.map(paperOf)) }].filter(() => chips.length > 0),
      { filled: true, strokeWidth: 0, fill: colour('paper') },
    ),
    {
      data: { values: chips },
      mark: { type: 'text', align: 'center', baseline: 'middle', fontSize: 11 },
      encoding: { ...place('x', 'y'), text: { field: 'number', type: 'nominal' } },
    },
    {
      data: { values: texts.map(({ tone, ...each }) => ({ ...each, ink: colour(tone) })) },
      mark: { type: 'text', align: 'left', baseline: 'middle' },
      encoding: { ...place('x', 'y'), text: { field: 'text', type: 'nominal' }, color: asIs('ink') },
    },
  ];
}

/** Each look with its number and its name, in as many columns as fit. */
function keySpec({ owners }: FrameMapChart, looks: readonly CellLook[], width: number) {
  const wanted = Math.max(...owners.map(({ label }) => textWidth(label, FONT_SIZE))) + SWATCH.width + 6 + KEY_GAP;
  const perRow = Math.max(1, Math.min(owners.length, Math.floor((width + KEY_GAP) / wanted)));
  const rows = Math.ceil(owners.length / perRow);
  const drawing = emptyDrawing();
  for (const [owner, { label }] of owners.entries()) {
    const box = { ...SWATCH, x: Math.floor(owner / rows) * wanted, y: (owner % rows) * KEY };
    drawCells(drawing, [box], looks[owner], 6);
    drawing.outlines.push(fillPath([box]));
    drawing.chips.push(chipIn(box, owner));
    const text = fitText(label, FONT_SIZE, width - SWATCH.width - 6);
    drawing.texts.push({ x: box.x + SWATCH.width + 6, y: box.y + SWATCH.height / 2, text, tone: 'ink' });
  }
  return { width, height: rows * KEY, layer: layersOf(drawing, SWATCH.width) };
}
