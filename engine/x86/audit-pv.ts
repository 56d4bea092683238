import type { Domain } from '../domain/domain.js';
import { FrameType } from '../host/frame-table.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { entryFrame, isPresent, isWritable } from '../host/entry.js';
import type { Violation } from '../audit/violation.js';
import type { PvMemory, TableLevel } from './pv-memory.js';

/**
 * Rule 4 for a P2M guest on x86: walks from the pinned tables and the direct map, counts every use of every frame, and
 * compares with what the frame table counts. No frame is a page table and writable at once.
 */
export const auditPv = (domain: Domain, memory: PvMemory): Violation[] => {
  const { host, model } = domain;
  const references = new Map<Mfn, number>();
  const writable = new Map<Mfn, number>();
  const asTable = new Map<Mfn, number>();
  const add = (counts: Map<Mfn, number>, mfn: Mfn): void => void counts.set(mfn, (counts.get(mfn) ?? 0) + 1);

  const useTable = (mfn: Mfn, level: TableLevel): void => {
    add(references, mfn);
    add(asTable, mfn);
    if (asTable.get(mfn) !== 1) return;
    for (const entry of host.tables.get(mfn) ?? []) {
      if (!isPresent(entry)) continue;
      const frame = asMfn(entryFrame(entry));
      if (level > 1) {
        useTable(frame, (level - 1) as TableLevel);
      } else {
        add(references, frame);
        if (isWritable(entry)) add(writable, frame);
      }
    }
  };

  const owned = model.ownedFrames().map((pfn) => model.machineFrame(pfn));
  for (const mfn of owned) {
    add(references, mfn);
    if (!memory.isKernelWritable(mfn)) continue;
    add(references, mfn);
    add(writable, mfn);
  }
  for (const [mfn, level] of memory.pinned) useTable(mfn, level);

  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'counts', detail });
  for (const mfn of owned) {
    const { frames } = host;
    const writing = writable.get(mfn) ?? 0;
    const tables = asTable.get(mfn) ?? 0;
    if (writing > 0 && tables > 0) report(`frame ${hex(mfn)} is a page table and writable at once`);
    if (frames.references(mfn) !== references.get(mfn)) {
      report(`frame ${hex(mfn)} counts ${frames.references(mfn)} references, a walk finds ${references.get(mfn)}`);
    }
    if (frames.typeCount(mfn) !== writing + tables) {
      report(`frame ${hex(mfn)} counts ${frames.typeCount(mfn)} uses of its type, a walk finds ${writing + tables}`);
    }
    const isTable = frames.type(mfn) >= FrameType.l1;
    if (isTable !== tables > 0)
      report(`frame ${hex(mfn)} has type ${frames.type(mfn)}, a walk finds ${tables} uses as a table`);
  }
  return violations;
};
