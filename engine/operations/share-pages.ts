import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, hex } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { sharersOf } from './empty-frames.js';
import { refusesOvercommit, refusesPage } from './overcommit-refusal.js';

/** One page of a guest. */
export interface GuestPage {
  readonly domain: Domain;
  readonly pfn: Pfn;
}

export interface SharingRequest {
  /** The page whose frame stays. */
  readonly first: GuestPage;
  /** The page whose frame is freed. */
  readonly second: GuestPage;
  /** Who looks for equal pages and pays. */
  readonly payer: Account;
  readonly hypothetical?: boolean;
}

/**
 * Lets two pages of equal contents on one host stand on one frame, read-only, until one of them is written. Refused where
 * contents differ: the tool compares before it asks, and the hypervisor has made both read-only by then.
 */
export const sharePages = ({ first, second, payer, hypothetical = false }: SharingRequest): Finding | null => {
  const { host } = first.domain;
  for (const { domain, pfn } of [first, second]) {
    const refusal =
      refusesOvercommit(domain, { way: 'share', hypothetical }) ??
      refusesPage(domain, pfn, 'share', domain.model.overcommit!);
    if (refusal !== null) return refusal;
  }
  const kept = first.domain.model.machineFrame(first.pfn);
  const freed = second.domain.model.machineFrame(second.pfn);
  const refuse = (rule: string, detail: string): Finding => ({
    operation: 'share',
    model: first.domain.model.id,
    rule,
    detail,
  });
  if (second.domain.host !== host) return refuse('one-host', `${second.domain.name} is not on ${host.name}`);
  if (kept === freed) return refuse('two-frames', `both pages are on frame ${hex(kept)} already`);
  payer.charge(Mechanism.movement, Event.pageCompare);
  if (host.frames.contents(kept) !== host.frames.contents(freed))
    return refuse('same-contents', `frames ${hex(kept)} and ${hex(freed)} differ`);
  for (const { domain, pfn } of [first, second]) {
    const noTable = domain.model.makeEntry?.(pfn, 'share') ?? null;
    if (noTable === null) continue;
    first.domain.mmu.flush(Mechanism.movement);
    return noTable;
  }
  payer.charge(Mechanism.movement, Event.hypercall, 3);
  const joining = second.domain.model.overcommit!.isShared(second.pfn) ? sharersOf(host, freed) : [second];
  if (!first.domain.model.overcommit!.isShared(first.pfn)) first.domain.model.overcommit!.nominate(first.pfn);
  for (const { domain, pfn } of joining) domain.model.overcommit!.join(pfn, kept);
  return null;
};
