import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { entryFrame, isWritable } from '../host/entry.js';
import { asPfn } from '../host/frame-number.js';
import { Region } from './mmu.js';

/**
 * At the first write through a translation without the right to: gives the domain a frame of its own for a page that it may
 * write and that is shared. The access begins again then; null when the page is not shared.
 */
export const breakShare = (domain: Domain, region: Region, vpn: number): 'broken' | Finding | null => {
  const { model } = domain;
  if (model.overcommit === undefined) return null;
  const entry = region === Region.user ? domain.userEntry(vpn) : 0;
  if (region === Region.user && !isWritable(entry)) return null;
  const pfn = region === Region.user ? model.frameFromEntry(entryFrame(entry)) : asPfn(vpn);
  if (!model.overcommit.isShared(pfn)) return null;
  return model.overcommit.unshare(pfn) ?? 'broken';
};
