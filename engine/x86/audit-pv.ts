import type { FrameUses } from '../audit/frame-uses.js';
import type { Domain } from '../domain/domain.js';
import { type Mfn, asMfn } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import { type PvMemory, TYPE_OF_LEVEL, type TableLevel } from './pv-memory.js';

/**
 * Rule 4 for a P2M guest on x86: walks from the pinned tables, the kernel's own mapping among them, and adds every use of every
 * frame of the guest's that it finds. A frame that is a table twice has its entries counted once; entries of grants are counted
 * with the rights to them.
 */
export const countPvUses = (domain: Domain, memory: PvMemory, uses: FrameUses): void => {
  const { host, id } = domain;
  const seen = new Set<Mfn>();
  const useTable = (mfn: Mfn, level: TableLevel): void => {
    uses.addReference(mfn);
    uses.addType(mfn, TYPE_OF_LEVEL[level]);
    if (seen.has(mfn)) return;
    seen.add(mfn);
    for (const [index, entry] of (host.tables.get(mfn) ?? []).entries()) {
      if (!isPresent(entry) || memory.isGrantEntry(mfn, index)) continue;
      const frame = asMfn(entryFrame(entry));
      if (level > 1) useTable(frame, (level - 1) as TableLevel);
      else if (host.frames.owner(frame) === id) uses.addMapping(frame, isWritable(entry));
    }
  };
  for (const [mfn, level] of memory.pinned) useTable(mfn, level);
};
