import { removeDevices } from '../devices/assign-device.js';
import { releaseMappings } from '../grants/map-grants.js';
import type { Domain } from '../domain/domain.js';
import type { DomainSpec } from '../domain/domain-spec.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asMfn } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import type { Host } from '../host/host.js';
import type { Account } from '../host/ledger.js';
import { takeReserved } from '../host/offline-frames.js';
import { buildDomain } from './build.js';
import { destroyDomain } from './destroy.js';

/** What is left of a domain that crashed, until it is started again. */
export interface CrashedDomain {
  readonly host: Host;
  readonly spec: Omit<DomainSpec, 'builder' | 'log'>;
  /** Pages that it had, ballooned-out ones among them. */
  readonly pages: number;
  /** P==M: its frames, scrubbed and kept for it. Null where any will do, or the host keeps them for it anyway. */
  readonly kept: readonly Pfn[] | null;
}

/**
 * Takes a crashed domain down: what its devices can reach goes first, then what it had mapped of others, then its memory,
 * scrubbed. P==M: the same frames are kept for it, since no others will do. A finding while another domain still maps one
 * of its frames; it can be asked again once that is over.
 */
export const takeDownCrashed = (domain: Domain, payer: Account): CrashedDomain | Finding => {
  const { host, model, name, options, paging, vcpus, affinity } = domain;
  removeDevices(domain);
  releaseMappings(domain);
  const mapped = domain.foreign.removeAll();
  payer.charge(Mechanism.populate, Event.foreignRemove, mapped);
  const owned = model.ownedFrames();
  const own = new Set(owned);
  const ballooned = domain.balloon.frames.filter((pfn) => !own.has(pfn)).length + (model.pagesLent ?? 0);
  const pages = owned.length + ballooned + (model.overcommit?.outside ?? 0);
  const refusal = destroyDomain(domain, payer);
  if (refusal !== null) {
    // It stays for now, and must not keep translations of what it had mapped.
    domain.pv?.twins.harvest();
    domain.mmu.flush(Mechanism.foreignMap);
    return { ...refusal, operation: 'restart' };
  }
  const keeps = model.id === 'direct' && host.boot === null;
  const kept = keeps ? owned.filter((pfn) => takeReserved(host, asMfn(pfn))) : null;
  const spec = {
    name,
    model: model.id,
    options,
    vcpus,
    ...(paging === null ? {} : { paging }),
    ...(affinity === null ? {} : { affinity: affinity.spec }),
  };
  return { host, spec, pages, kept };
};

/** Starts the domain again, with contents of a new boot. P==M: in the frames that were kept for it. Others: in any. */
export const restartCrashed = ({ host, spec, pages, kept }: CrashedDomain, builder: Account): Domain | Finding => {
  for (const pfn of kept ?? []) {
    if (host.frames.state(asMfn(pfn)) === FrameState.reserved) host.freeReserved(pfn, pfn + 1);
  }
  const domain = buildDomain(host, { ...spec, builder }, kept ?? pages);
  return 'rule' in domain ? { ...domain, operation: 'restart' } : domain;
};
