import { Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, hex } from '../host/frame-number.js';
import { isPresent, makeEntry } from '../host/entry.js';
import type { Domain } from './domain.js';
import { Region } from '../mmu/mmu.js';

/** First page of a tool's address space at which it maps frames of other domains. */
export const FOREIGN_PAGES = 2 ** 21;

/** A batch of another domain's frames, mapped into a program of the control domain the way its memory model has to. */
export interface ForeignMapping {
  /** Pages mapped; `index` below runs from 0 to `length` − 1, in the order asked for. */
  readonly length: number;
  /** Reads a page through the mapping: the machine frame that it is. */
  read(index: number): Mfn;
  /** Writes contents through the mapping; the owner's dirty log sees it. */
  write(index: number, stamp: number): Mfn;
  unmap(): void;
}

/** Maps guest frames of `owner` for `tool`, from page `FOREIGN_PAGES` + `firstPage` on. All or nothing. */
export const mapForeign = (
  tool: Domain,
  owner: Domain,
  pfns: readonly Pfn[],
  options: { readonly writable: boolean; readonly firstPage: number },
): ForeignMapping | Finding => {
  const { writable } = options;
  const mfns = pfns.map((pfn) => owner.model.machineFrame(pfn));
  const missing = mfns.findIndex((mfn) => mfn === NO_FRAME);
  if (missing >= 0) {
    const detail = `${owner.name} has no memory at guest frame ${hex(pfns[missing])}`;
    return { operation: 'map foreign', model: tool.model.id, rule: 'has-memory', detail };
  }
  const firstPage = FOREIGN_PAGES + options.firstPage;
  const taken = pfns.findIndex((_, index) => isPresent(tool.pageTable.read(firstPage + index)));
  if (taken >= 0) throw new Error(`page ${hex(firstPage + taken)} of ${tool.name} is mapped already`);
  const frames = tool.model.mapForeign(mfns, writable, 'privileged');
  if (isFinding(frames)) return frames;
  frames.forEach((frame, index) => tool.setEntry(firstPage + index, makeEntry(frame, writable), Mechanism.foreignMap));

  const reach = (index: number, write: boolean): Mfn => {
    const mfn = tool.mmu.access(Region.user, firstPage + index, write);
    if (isFinding(mfn)) throw new Error(`${tool.name} was refused a page that it had mapped: ${mfn.detail}`);
    return mfn;
  };

  return {
    length: pfns.length,
    read: (index) => reach(index, false),
    write: (index, stamp) => {
      const mfn = reach(index, true);
      tool.host.frames.setContents(mfn, stamp);
      owner.dirtyLog?.mark(pfns[index]);
      return mfn;
    },
    unmap: () => {
      frames.forEach((_, index) => tool.setEntry(firstPage + index, 0, Mechanism.foreignMap));
      tool.model.unmapForeign(frames, writable, 'privileged');
    },
  };
};
