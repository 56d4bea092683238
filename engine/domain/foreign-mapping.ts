import type { Archive } from '../checkpoint/archive.js';
import { checkpointDomain } from '../checkpoint/references.js';
import { Mechanism } from '../host/events.js';
import { type Finding, isFinding } from '../finding.js';
import { NO_FRAME, type Mfn, type Pfn, hex } from '../host/frame-number.js';
import { isPresent, makeEntry } from '../host/entry.js';
import type { Domain } from './domain.js';
import { Region } from '../mmu/mmu.js';

/** First page of a tool's address space at which it maps frames of other domains. */
export const FOREIGN_PAGES = 2 ** 21;

/** Where a batch stands, and in which frame numbers of the tool's. */
interface MappedBatch {
  readonly tool: Domain;
  readonly owner: Domain;
  readonly pfns: readonly Pfn[];
  readonly frames: readonly number[];
  readonly firstPage: number;
  readonly writable: boolean;
}

/** A batch of another domain's frames, mapped into a program of the control domain the way its memory model has to. */
export class ForeignMapping {
  readonly #batch: MappedBatch;

  constructor(batch: MappedBatch) {
    this.#batch = batch;
  }

  /** Pages mapped; `index` below runs from 0 to `length` − 1, in the order asked for. */
  get length(): number {
    return this.#batch.pfns.length;
  }

  /** The number at which the tool's memory model entered a page. */
  frame(index: number): number {
    return this.#batch.frames[index];
  }

  /** Reads a page through the mapping: the machine frame that it is. */
  read(index: number): Mfn {
    return this.#reach(index, false);
  }

  /** Writes contents through the mapping; the owner's dirty log sees it. */
  write(index: number, stamp: number): Mfn {
    const { tool, owner, pfns } = this.#batch;
    const mfn = this.#reach(index, true);
    tool.host.frames.setContents(mfn, stamp);
    owner.dirtyLog?.mark(pfns[index]);
    return mfn;
  }

  unmap(): void {
    const { tool, frames, firstPage, writable } = this.#batch;
    frames.forEach((_, index) => tool.setEntry(firstPage + index, 0, Mechanism.foreignMap));
    tool.model.unmapForeign(frames, writable, 'privileged');
  }

  #reach(index: number, write: boolean): Mfn {
    const { tool, firstPage } = this.#batch;
    const mfn = tool.inOwnSpace(() => tool.mmu.access(Region.user, firstPage + index, write));
    if (isFinding(mfn)) throw new Error(`${tool.name} was refused a page that it had mapped: ${mfn.detail}`);
    return mfn;
  }

  /** A mapping that somebody holds on to; on the way in `mapping` is null. */
  static checkpoint(archive: Archive, mapping: ForeignMapping | null): ForeignMapping {
    const batch = mapping === null ? null : mapping.#batch;
    const made = new ForeignMapping({
      tool: checkpointDomain(archive, 'tool', batch?.tool ?? null),
      owner: checkpointDomain(archive, 'owner', batch?.owner ?? null),
      pfns: archive.numbers('pfns', batch?.pfns ?? []),
      frames: archive.numbers('frames', batch?.frames ?? []),
      firstPage: archive.value('firstPage', batch?.firstPage ?? 0),
      writable: archive.value('writable', batch?.writable ?? false),
    });
    return mapping ?? made;
  }
}

/** Maps guest frames of `owner` for `tool`, from page `FOREIGN_PAGES` + `firstPage` on. All or nothing. */
export const mapForeign = (
  tool: Domain,
  owner: Domain,
  pfns: readonly Pfn[],
  options: { readonly writable: boolean; readonly firstPage: number },
): ForeignMapping | Finding => {
  const { writable } = options;
  for (const pfn of pfns) {
    const refusal = owner.model.overcommit?.makeOwn(pfn) ?? null;
    if (refusal !== null) return { ...refusal, operation: 'map foreign' };
  }
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

  return new ForeignMapping({ tool, owner, pfns, frames, firstPage, writable });
};
