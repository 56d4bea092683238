import { entryFrame, isPresent } from '../host/entry.js';
import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import type { Domain } from './domain.js';

/** The machine frame that the domain's own tables give for a page of its program, or `NO_FRAME`. Charges nothing. */
export const walk = (domain: Domain, vpn: number, space = 0): Mfn => {
  const entry = domain.userEntry(vpn, space);
  return isPresent(entry) ? domain.model.frameBehindEntry(entryFrame(entry)) : asMfn(NO_FRAME);
};
