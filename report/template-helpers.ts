import Handlebars from 'handlebars';
import type { Prose, ProfileVerdict } from '../contracts/document.js';
import type { TableBar, TableColumn, Tone } from '../contracts/report-table.js';
import type { DrawnChart } from './render-charts.js';
import { renderBar, renderStrength } from './render-marks.js';
import { renderProse } from './render-prose.js';
import { isTrusted } from './trusted-html.js';

type Helper = (...parameters: readonly never[]) => unknown;

/** Prints markup of our own renderers; anything else is a fault of a template. */
function print(value: unknown): Handlebars.SafeString {
  if (!isTrusted(value)) throw new TypeError('only markup made by a renderer is printed unescaped');
  return new Handlebars.SafeString(value.html);
}

/** The helpers that templates may use, over the charts of one report. */
export function templateHelpers(charts: ReadonlyMap<string, DrawnChart>): Readonly<Record<string, Helper>> {
  return {
    bar: (bar: TableBar) => print(renderBar(bar)),
    strength: (strength: ProfileVerdict['strength']) => print(renderStrength(strength)),
    prose: (prose: Prose) => print(renderProse(prose)),
    chart: (id: string, size: 'wide' | 'narrow') => print(charts.get(id)?.[size]),
    cellClass: (columns: readonly TableColumn[], index: number, tone: Tone) =>
      [columns[index + 1]?.numeric ? 'number' : '', tone === 'plain' ? '' : tone].join(' ').trim(),
    span: (columns: readonly TableColumn[]) => columns.length,
  };
}

/** Their names, for the compiler and for the lint. */
export const helperNames: readonly string[] = Object.keys(templateHelpers(new Map()));

/** Handlebars' own helpers that templates use. */
export const builtInHelpers: readonly string[] = ['if', 'unless', 'each', 'with'];
