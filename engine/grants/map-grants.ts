import type { Domain } from '../domain/domain.js';
import { hypercall } from '../domain/interrupts.js';
import { type Finding, isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, asMfn, hex } from '../host/frame-number.js';
import { type GrantTable, grantTableOf } from './grant-table.js';
import type { TrackedMapping } from './maptrack.js';
import { type GrantedPage, refuse, resolveGrant } from './resolve.js';

export interface MapRequest extends GrantedPage {
  readonly writable: boolean;
}

/** A granted page that is mapped: its handle, and the frame number that the mapper puts into entries for it. */
export interface MappedGrant {
  readonly handle: number;
  readonly frame: number;
}

/**
 * Where a page comes to be: in the mapper's memory, at a guest frame or a place that its model finds; or, for a P2M guest, only in a
 * page-table entry that the hypervisor writes for it (GNTMAP_contains_pte). Its frame number is the machine frame then.
 */
export type MapInto = 'memory' | 'entry';

interface Accepted {
  readonly index: number;
  readonly request: MapRequest;
  readonly mfn: Mfn;
}

/**
 * GNTTABOP_map_grant_ref: one hypercall for the whole batch, each request with a result of its own. A page that is granted gets a
 * handle, a reference and the writable type where it is to be written, and comes into the mapper's memory the way its model has to,
 * or into a page-table entry only. The hypervisor looks for interrupts between two requests.
 */
export const mapGrants = (
  mapper: Domain,
  requests: readonly MapRequest[],
  into: MapInto = 'memory',
): (MappedGrant | Finding)[] =>
  hypercall(
    mapper,
    () => chargeOperation(mapper),
    () => mapAll(mapper, requests, into),
  );

const chargeOperation = ({ account }: Domain): void => account.charge(Mechanism.grants, Event.grantOperation);

const mapAll = (mapper: Domain, requests: readonly MapRequest[], into: MapInto): (MappedGrant | Finding)[] => {
  const table = grantTableOf(mapper);
  if (table === null || !table.rules.map) {
    return requests.map(() => refuse(mapper, 'map grant', 'grant-map', 'the hypervisor cannot map granted pages'));
  }
  const resolved = requests.map((request, index) => {
    if (index > 0) mapper.interrupts?.preemptionPoint();
    return resolveGrant(mapper, { ...request, passedOn: false, operation: 'map grant' });
  });
  const results = new Map<number, MappedGrant | Finding>();
  for (const writable of [false, true]) {
    const accepted = requests.flatMap((request, index): Accepted[] => {
      const mfn = resolved[index];
      return request.writable === writable && !isFinding(mfn) ? [{ index, request, mfn }] : [];
    });
    if (accepted.length > 0) enter(mapper, table, accepted, { writable, into }, results);
  }
  return resolved.map((mfn, index) => (isFinding(mfn) ? mfn : results.get(index)!));
};

/** Enters pages that passed their checks: handles first, then the whole lot into the mapper's memory. */
const enter = (
  mapper: Domain,
  table: GrantTable,
  accepted: readonly Accepted[],
  { writable, into }: { readonly writable: boolean; readonly into: MapInto },
  results: Map<number, MappedGrant | Finding>,
): void => {
  const tracked: (Accepted & { handle: number })[] = [];
  for (const each of accepted) {
    const { granter, reference } = each.request;
    const handle = table.maptrack.add(granter.id, reference, writable, into === 'entry');
    if (handle >= 0) tracked.push({ ...each, handle });
    else results.set(each.index, refuse(mapper, 'map grant', 'handles', `${mapper.name} has no handle left`));
  }
  if (tracked.length === 0) return;
  const mfns = tracked.map(({ mfn }) => mfn);
  const frames =
    into === 'entry' ? takeRights(mapper, mfns, writable) : mapper.model.mapForeign(mfns, writable, 'grant');
  tracked.forEach(({ index, request, mfn, handle }, at) => {
    if (at > 0) mapper.interrupts?.preemptionPoint();
    if (isFinding(frames)) {
      table.maptrack.remove(handle);
      results.set(index, { ...frames, operation: 'map grant' });
      return;
    }
    grantTableOf(request.granter)!.pin(request.reference, mfn, writable);
    table.maptrack.setFrame(handle, frames[at]);
    results.set(index, { handle, frame: frames[at] });
  });
};

/** Types were checked before: no right is refused. */
const takeRights = (mapper: Domain, mfns: readonly Mfn[], writable: boolean): number[] => {
  for (const [index, mfn] of mfns.entries()) {
    if (index > 0) mapper.interrupts?.preemptionPoint();
    mapper.foreign.enter(mfn, writable, 'grant');
    mapper.account.charge(Mechanism.foreignMap, Event.foreignEnter);
  }
  return [...mfns];
};

/**
 * GNTTABOP_unmap_grant_ref: one hypercall for the batch. The mapper has taken its entries out and purged them before. Where the
 * hypervisor flushes the TLB after so many unmaps, it does so here, and looks for interrupts then.
 */
export const unmapGrants = (mapper: Domain, grants: readonly MappedGrant[]): (Finding | null)[] =>
  hypercall(
    mapper,
    () => chargeOperation(mapper),
    () => unmapAll(mapper, grants),
  );

const unmapAll = (mapper: Domain, grants: readonly MappedGrant[]): (Finding | null)[] => {
  const table = grantTableOf(mapper);
  const found: TrackedMapping[] = [];
  const results = grants.map(({ handle, frame }): Finding | null => {
    const mapping = table?.maptrack.get(handle) ?? null;
    if (mapping === null || mapping.frame !== frame || found.some((other) => other.handle === handle)) {
      return refuse(mapper, 'map grant', 'mapped', `handle ${handle} is no mapping at frame ${hex(frame)}`);
    }
    found.push(mapping);
    return null;
  });
  if (found.length > 0) release(mapper, table!, found);
  const every = table?.rules.flushEvery;
  if (every === undefined) return results;
  for (let flushed = 0; flushed < found.length; flushed += every) mapper.mmu.flush(Mechanism.grants);
  return results;
};

/** Drops every mapping of a domain that is gone or about to go, as the hypervisor does. */
export const releaseMappings = (mapper: Domain): void => {
  const mappings: TrackedMapping[] = [];
  mapper.grants?.maptrack.forEach((mapping) => void mappings.push(mapping));
  if (mappings.length > 0) release(mapper, mapper.grants!, mappings);
};

const release = (mapper: Domain, table: GrantTable, mappings: readonly TrackedMapping[]): void => {
  for (const writable of [false, true]) {
    const ofMemory = mappings.filter((mapping) => mapping.writable === writable && !mapping.byEntry);
    if (ofMemory.length > 0) {
      mapper.model.unmapForeign(
        ofMemory.map(({ frame }) => frame),
        writable,
        'grant',
      );
    }
  }
  for (const { frame, writable, byEntry } of mappings) {
    if (!byEntry) continue;
    mapper.foreign.remove(asMfn(frame), writable, 'grant');
    mapper.account.charge(Mechanism.foreignMap, Event.foreignRemove);
  }
  const every = table.rules.flushEvery ?? 1;
  for (const [index, { handle, granter, reference, writable }] of mappings.entries()) {
    if (index > 0 && index % every === 0) mapper.interrupts?.preemptionPoint();
    mapper.account.charge(Mechanism.grants, Event.grantUnpin);
    mapper.host.domains.get(granter)?.grants?.unpin(reference, writable);
    table.maptrack.remove(handle);
  }
};
