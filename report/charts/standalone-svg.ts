import { paletteCss } from '../palette.js';
import type { TrustedHtml } from '../trusted-html.js';
import { FONT } from './style.js';

/** A drawn chart as a file of its own: with the colours that the page would have given it. */
export function standaloneSvg({ html }: TrustedHtml): string {
  const end = html.indexOf('</desc>') + '</desc>'.length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${html.slice(0, end)}<style>${paletteCss()}svg{background:var(--paper);font-family:${FONT}}</style>${html.slice(end)}\n`;
}
