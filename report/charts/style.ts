import type { Config } from 'vega-lite';
import { colour } from '../palette.js';

/** Width in pixels of a chart beside text, and of the same chart on a narrow screen. */
export const WIDE = 680;
export const NARROW = 326;

export const FONT_SIZE = 12;
export const FONT = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

/** Looks shared by all charts. */
export const chartConfig: Config = {
  aria: false,
  background: 'transparent',
  font: FONT,
  padding: { left: 0, top: 0, right: 0, bottom: 4 },
  view: { stroke: null },
  concat: { spacing: 20 },
  title: {
    anchor: 'start',
    frame: 'group',
    color: colour('ink'),
    fontSize: FONT_SIZE,
    fontWeight: 600,
    offset: 8,
    subtitleColor: colour('muted'),
    subtitleFontSize: FONT_SIZE,
  },
  axis: {
    labelColor: colour('muted'),
    titleColor: colour('muted'),
    labelFontSize: FONT_SIZE,
    titleFontSize: FONT_SIZE,
    titleFontWeight: 'normal',
    gridColor: colour('rule'),
    tickColor: colour('rule'),
    domainColor: colour('rule'),
    domain: false,
    ticks: false,
    labelPadding: 6,
    labelLimit: 0,
    titlePadding: 8,
  },
  text: { color: colour('ink'), fontSize: FONT_SIZE },
};

/** Number of columns for `count` panels in `width` pixels when each wants `wanted` pixels. */
export function panelColumns(count: number, width: number, wanted: number): number {
  const fit = Math.max(1, Math.min(count, Math.floor(width / wanted)));
  return Math.ceil(count / Math.ceil(count / fit));
}
