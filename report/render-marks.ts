import type { ProfileVerdict } from '../contracts/document.js';
import type { TableBar } from '../contracts/report-table.js';
import { trust, type TrustedHtml } from './trusted-html.js';

function percent(share: number): string {
  return `${Number((3 + share * 94).toFixed(1))}%`;
}

/** A small picture of an interval and its point on a scale. The cell's text says the same, so it is hidden from readers by ear. */
export function renderBar({ low, mid, high }: TableBar): TrustedHtml {
  return trust(
    '<svg class="bar" aria-hidden="true">' +
      '<line class="track" x2="100%" y1="5.5" y2="5.5"/>' +
      (low === high ? '' : `<line x1="${percent(low)}" x2="${percent(high)}" y1="5.5" y2="5.5"/>`) +
      `<circle cx="${percent(mid)}" cy="5.5" r="3"/></svg>`,
  );
}

const SHAPES: Readonly<Record<ProfileVerdict['strength'], string>> = {
  clear: '<circle class="full" cx="8" cy="8" r="6.5"></circle>',
  leaning: '<circle cx="8" cy="8" r="6.5"></circle><path class="full" d="M8 1.5a6.5 6.5 0 0 1 0 13z"></path>',
  open: '<circle cx="8" cy="8" r="6.5"></circle>',
  none: '<path d="M3 3l10 10M13 3L3 13"></path>',
};

/** How strong a verdict is, as a full, half or empty disc, or a cross; the word stands beside it. */
export function renderStrength(strength: ProfileVerdict['strength']): TrustedHtml {
  return trust(`<svg class="strength" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[strength]}</svg>`);
}
