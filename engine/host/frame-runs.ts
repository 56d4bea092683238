import { type Mfn, asMfn } from './frame-number.js';
import { FrameState, NO_OWNER } from './frame-table.js';
import type { Host } from './host.js';

/**
 * What a frame is there for. `hypervisor`: its image, and what it took without saying for whom; `tables`: about frames, for the whole
 * host; `domain tables`: kept for a domain.
 */
export type FrameUse = 'domain' | 'shared' | 'hypervisor' | 'tables' | 'domain tables' | 'free' | 'offline';

/** Frames that follow each other and have one use and one domain. */
export interface FrameRun {
  readonly first: Mfn;
  readonly frames: number;
  readonly use: FrameUse;
  /** The domain that owns them, or that they are kept for; `NO_OWNER` where there is none. */
  readonly domain: number;
}

type Owner = Pick<FrameRun, 'use' | 'domain'>;

/** A frame's owner by its state; of a reserved one as the hypervisor's own books have it. */
const ownerOf = (host: Host, mfn: Mfn, keptFor: number | null): Owner => {
  switch (host.frames.state(mfn)) {
    case FrameState.free:
      return { use: 'free', domain: NO_OWNER };
    case FrameState.owned:
      return { use: 'domain', domain: host.frames.owner(mfn) };
    case FrameState.shared:
      return { use: 'shared', domain: NO_OWNER };
    case FrameState.offlined:
      return { use: 'offline', domain: NO_OWNER };
    default:
      if (keptFor === null) return { use: 'hypervisor', domain: NO_OWNER };
      return { use: keptFor === NO_OWNER ? 'tables' : 'domain tables', domain: keptFor };
  }
};

/**
 * Who has the frames of the host's banks, in ascending order: each frame is in one run, and no run goes beyond its bank. Holes are in
 * none. Reads the frame table and the hypervisor's list of what it took, and charges nothing.
 */
export const frameRuns = (host: Host): FrameRun[] => {
  const { pageBytes } = host.simulation.platform;
  const kept = host.hypervisor.listChunks();
  const runs: FrameRun[] = [];
  let chunk = 0;
  for (const { start, size } of host.banks) {
    const end = (start + size) / pageBytes;
    let first = start / pageBytes;
    let owner: Owner | null = null;
    for (let at = first; at <= end; at += 1) {
      while (chunk < kept.length && kept[chunk].end <= at) chunk += 1;
      const keptFor = chunk < kept.length && kept[chunk].first <= at ? kept[chunk].domain : null;
      const next: Owner | null = at === end ? null : ownerOf(host, asMfn(at), keptFor);
      if (owner !== null && owner.use === next?.use && owner.domain === next.domain) continue;
      if (owner !== null) runs.push({ first: asMfn(first), frames: at - first, ...owner });
      first = at;
      owner = next;
    }
  }
  return runs;
};
