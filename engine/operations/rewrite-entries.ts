import type { Domain } from '../domain/domain.js';
import { Event, Mechanism } from '../host/events.js';
import { entryFrame, isPresent, withFrame } from '../host/entry.js';
import { NO_FRAME, type Mfn, asMfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';

/**
 * Reads every page table of a suspended guest whose tables hold machine frames, and rewrites the entries of frames that
 * are elsewhere now. Nobody knows which entries these are without reading all.
 */
export const rewriteEntries = (domain: Domain, now: ReadonlyMap<Mfn, Mfn>, payer: Account): void => {
  const { host, model, pageTable, kernelMapping, dirtyLog } = domain;
  const tables = model.ownedFrames().filter((pfn) => host.tables.get(model.machineFrame(pfn)) !== undefined);
  for (const pfn of tables) {
    const entries = host.tables.get(model.machineFrame(pfn))!;
    payer.charge(Mechanism.movement, Event.foreignEnter);
    payer.charge(Mechanism.movement, Event.foreignRemove);
    let present = 0;
    let rewritten = 0;
    entries.forEach((entry, index) => {
      if (!isPresent(entry)) return;
      present += 1;
      const frame = now.get(asMfn(entryFrame(entry)));
      if (frame === undefined) return;
      entries[index] = withFrame(entry, frame);
      rewritten += 1;
    });
    payer.charge(Mechanism.movement, Event.tableEntryTranslate, present);
    payer.charge(Mechanism.movement, Event.pteStore, rewritten);
    if (rewritten > 0) dirtyLog?.mark(pfn);
  }
  const root = asMfn(pageTable.rootFrame);
  if (root !== NO_FRAME && now.has(root)) pageTable.moveRoot(now.get(root)!);
  const kernelRoot = asMfn(kernelMapping?.table.rootFrame ?? NO_FRAME);
  if (now.has(kernelRoot)) kernelMapping!.table.moveRoot(now.get(kernelRoot)!);
};
