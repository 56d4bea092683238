import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Pfn } from '../host/frame-number.js';
import type { Account } from '../host/ledger.js';
import { refusesOvercommit, refusesPage } from './overcommit-refusal.js';

export interface PageOutRequest {
  readonly domain: Domain;
  readonly pfns: readonly Pfn[];
  /** The control domain's pager, which maps each page, writes it and pays. */
  readonly pager: Account;
  readonly hypothetical?: boolean;
}

/**
 * Writes pages of a guest to the host's paging disk and frees their frames, as Xen's pager does: nominated, mapped, written,
 * evicted. Ends at the first page that cannot go. Each comes back at its next access, with the time of the disk.
 */
export const pageOut = ({ domain, pfns, pager, hypothetical = false }: PageOutRequest): Finding | null => {
  const refusal = refusesOvercommit(domain, { way: 'page out', hypothetical });
  if (refusal !== null) return refusal;
  const overcommit = domain.model.overcommit!;
  let evicted = 0;
  let found: Finding | null = null;
  for (const pfn of pfns) {
    found = refusesPage(domain, pfn, 'page out', overcommit) ?? refusesDisk(domain);
    found ??= domain.model.makeEntry?.(pfn, 'page out') ?? null;
    if (found !== null) break;
    pager.charge(Mechanism.movement, Event.hypercall, 2);
    pager.charge(Mechanism.movement, Event.foreignEnter);
    pager.charge(Mechanism.movement, Event.diskWrite);
    pager.charge(Mechanism.movement, Event.foreignRemove);
    overcommit.pageOut(pfn, pager);
    evicted += 1;
  }
  if (evicted > 0) domain.mmu.flush(Mechanism.movement);
  return found;
};

const refusesDisk = ({ host, model, name }: Domain): Finding | null => {
  if (host.pagingDisk !== null && host.pagingDisk.emptySlots > 0) return null;
  const detail =
    host.pagingDisk === null ? `${host.name} has no paging disk` : `no room on the disk for a page of ${name}`;
  return { operation: 'page out', model: model.id, rule: 'disk-has-room', detail };
};
