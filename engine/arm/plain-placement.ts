import { isFinding } from '../finding.js';
import { refusesOtherFrames, takeLowestChunks, takeTheseFrames } from '../models/own-frames.js';
import type { PlaceDirect } from './placement.js';

/** On a host that came up in no way of its own: the lowest frames that are free, wherever no boot has kept any. */
export const placeOnPlainHost: PlaceDirect = (domain) => ({
  tablesFrom: domain.paging === null ? 'heap' : 'pool, then heap',
  place(pages) {
    const chunks = takeLowestChunks(domain, pages);
    return isFinding(chunks) ? chunks : chunks.map(({ first, order }) => ({ first, end: first + 2 ** order }));
  },
  placeAt: (pfns) => takeTheseFrames(domain, pfns),
  refusesMove: refusesOtherFrames,
});
