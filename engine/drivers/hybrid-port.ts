import type { Archive, Checkpointed } from '../checkpoint/archive.js';
import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import type { Pfn } from '../host/frame-number.js';
import { tellCopy } from '../numa/memory-watch.js';
import type { BackendPort, GrantedSlot, MappedSlot } from './backend-port.js';
import { chargeCopies } from './data-path.js';
import type { PageFault, SplitDriver } from './split-driver.js';

/** What a hybrid domain had to do to hand pages on. */
export interface HybridRecord {
  /** Pages that went on as they were, without a copy of its own. */
  passed: number;
  /** Pages that it had to copy, since they could not go on as they were. */
  copied: number;
  /** Why not, by rule: the first time. */
  readonly refusals: Map<string, Finding>;
}

/**
 * The frontend that a domain has to another backend, as the far side of its own backend: what its frontends send goes on there.
 *
 * A page that it has mapped is not its own. It tries once to grant it on by the number that it has for it, as a backend would that
 * translates every page as if it were its own; the hypervisor refuses what does not belong to the granter, and it copies from then on.
 */
export const hybridPort = (
  domain: Domain,
  upstream: SplitDriver,
  bytes: number,
): BackendPort & Checkpointed & { readonly record: HybridRecord } => {
  const record: HybridRecord = { passed: 0, copied: 0, refusals: new Map() };
  const { frames } = domain.host;

  const asFinding = (fault: PageFault): Finding =>
    fault === 'wrong contents'
      ? refuse(domain, 'grant', 'contents-intact', `what ${domain.name} handed on did not arrive as it was`)
      : fault;

  const remember = (refusal: Finding): void => {
    if (!record.refusals.has(refusal.rule)) record.refusals.set(refusal.rule, refusal);
  };

  const send = (pfns: readonly Pfn[]): (number | Finding)[] =>
    upstream
      .send(pfns)
      .map((fault, index) =>
        fault === null ? frames.contents(domain.model.machineFrame(pfns[index])) : asFinding(fault),
      );

  /** Copies what it has mapped to frames of its own, and sends those together. */
  const copyAndSend = (slots: readonly MappedSlot[]): (number | Finding)[] => {
    const locals = slots.map((slot) => {
      const own = domain.free.take();
      if (own === null) return null;
      domain.fillKernel(own, slot.read());
      tellCopy(domain, bytes, domain.model.frameBehindEntry(slot.entered), domain.model.machineFrame(own));
      return own;
    });
    const copies = locals.filter((own) => own !== null);
    chargeCopies(domain, bytes, copies.length);
    record.copied += copies.length;
    const sent = send(copies);
    for (const own of copies) domain.free.giveBack(own);
    let next = 0;
    return locals.map((own) => {
      if (own === null) return refuse(domain, 'grant', 'free-frames', `${domain.name} has no frame free for a copy`);
      next += 1;
      return sent[next - 1];
    });
  };

  return {
    record,
    knowsTarget: false,
    send,

    sendMapped(slots) {
      if (record.refusals.size > 0) return copyAndSend(slots);
      const faults = upstream.sendOnward(slots.map(({ entered, stamp }) => ({ kind: 'entered', entered, stamp })));
      const results: (number | Finding)[] = slots.map(({ stamp }) => stamp);
      const again = slots.filter((_, index) => faults[index] !== null);
      record.passed += slots.length - again.length;
      for (const fault of faults) if (fault !== null) remember(asFinding(fault));
      const copied = copyAndSend(again);
      let next = 0;
      return results.map((stamp, index) => {
        if (faults[index] === null) return stamp;
        next += 1;
        return copied[next - 1];
      });
    },

    passOn(slots: readonly GrantedSlot[]) {
      const faults = upstream.sendOnward(slots.map((slot) => ({ kind: 'passed', ...slot })));
      return faults.map((fault, index) => {
        if (fault === null) {
          record.passed += 1;
          return slots[index].stamp;
        }
        const refusal = asFinding(fault);
        remember(refusal);
        return refusal;
      });
    },

    checkpoint(archive: Archive) {
      record.passed = archive.value('passed', record.passed);
      record.copied = archive.value('copied', record.copied);
      const refusals = archive.data('refusals', [...record.refusals.values()]);
      record.refusals.clear();
      for (const refusal of refusals) remember(refusal);
    },

    receive: (stamps) => upstream.receive(stamps).map((came) => (came === 'wrong contents' ? asFinding(came) : came)),

    receiveMapped: (slots) =>
      slots.map(() => refuse(domain, 'map grant', 'device-only', `${domain.name} has no device that fills pages`)),
  };
};
