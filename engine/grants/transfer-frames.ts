import type { Domain } from '../domain/domain.js';
import { clearKernelPage, mapKernelPage } from '../domain/kernel-mapping.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { FrameState } from '../host/frame-table.js';
import { type Pfn, asPfn, hex } from '../host/frame-number.js';
import { GrantType } from './entry-layout.js';
import { grantTableOf } from './grant-table.js';
import { refuse } from './resolve.js';

export interface TransferRequest {
  /** A frame of the caller's own that nobody else refers to. */
  readonly pfn: Pfn;
  readonly to: Domain;
  /** The receiver's reference, by which it waits for a frame from the caller. */
  readonly reference: number;
}

/**
 * GNTTABOP_transfer, the page flip: one hypercall for the batch. The frame changes its owner, with what is in it: it leaves the
 * sender's place, which is ballooned out from then on, and takes the ballooned-out place that the receiver's entry names. A frame
 * that cannot land stays where it was.
 */
export const transferFrames = (sender: Domain, requests: readonly TransferRequest[]): (Finding | null)[] => {
  sender.account.charge(Mechanism.grants, Event.grantOperation);
  const table = grantTableOf(sender);
  if (table === null || !table.rules.transfer) {
    return requests.map(() => refuse(sender, 'transfer', 'grant-transfer', 'the hypervisor cannot transfer frames'));
  }
  return requests.map((request) => transfer(sender, request));
};

const transfer = (sender: Domain, { pfn, to, reference }: TransferRequest): Finding | null => {
  const { host, account } = sender;
  const { frames } = host;
  account.charge(Mechanism.grants, Event.grantPin);
  const not = (rule: string, detail: string): Finding => refuse(sender, 'transfer', rule, detail);

  const absent = sender.model.overcommit?.makeOwn(pfn) ?? null;
  if (absent !== null) return { ...absent, operation: 'transfer' };
  const mfn = sender.model.machineFrame(pfn);
  if (frames.owner(mfn) !== sender.id) return not('own-memory', `${hex(pfn)} is not memory of ${sender.name}`);
  const byKernel = sender.pv?.kernelReferences(mfn) ?? 0;
  if (frames.references(mfn) !== 1 + byKernel || frames.typeCount(mfn) !== byKernel) {
    return not('not-referenced', `frame ${hex(mfn)} of ${sender.name} is still referred to`);
  }
  const entries = grantTableOf(to)!;
  const entry = entries.entry(reference);
  if (entry.type !== GrantType.transfer || entries.isCompleted(reference)) {
    return not('granted', `reference ${reference} of ${to.name} waits for no frame`);
  }
  if (entry.grantee !== sender.id) return not('granted-to', `reference ${reference} of ${to.name} is for another`);
  const place = asPfn(entry.frame);
  if (!to.balloon.has(place)) return not('place-empty', `guest frame ${hex(place)} of ${to.name} is not ballooned out`);

  clearKernelPage(sender, pfn);
  const given = sender.model.giveFrame(pfn);
  if (isFinding(given)) {
    mapKernelPage(sender, pfn);
    return given;
  }
  const landed = to.model.acceptFrame(place, given);
  if (landed !== null) {
    sender.model.acceptFrame(pfn, given);
    mapKernelPage(sender, pfn);
    return landed;
  }
  frames.setState(given, FrameState.owned, to.id);
  account.charge(Mechanism.grants, Event.frameTransfer);
  sender.balloon.left(pfn);
  to.balloon.came(place, frames.contents(given));
  // A guest that does not know its machine frames finds the place that it named (Xen: gnttab_transfer).
  entries.complete(reference, to.model.tablesHoldMachineFrames ? given : place);
  return null;
};
