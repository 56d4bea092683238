import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { type Mfn, NO_FRAME, type Pfn, hex } from '../host/frame-number.js';
import { FrameState, FrameType } from '../host/frame-table.js';
import type { Account } from '../host/ledger.js';
import { spent } from './page-transfer.js';
import { rewriteEntries } from './rewrite-entries.js';

export interface RelocationRequest {
  readonly domain: Domain;
  readonly pfns: readonly Pfn[];
  /** Who asks for it and pays for the copies. */
  readonly payer: Account;
  /** Takes a frame to move to out of the heap; any spare one where nothing is said. `NO_FRAME` when there is none. */
  readonly take?: () => Mfn;
  /** Passes the time that the guest stands still on to what runs in it, in nanoseconds. */
  readonly stall?: (ns: number) => void;
}

/** A page that stays where it is, and why. */
export interface BlockedFrame {
  readonly mfn: Mfn;
  readonly finding: Finding;
}

export interface Relocation {
  readonly moved: number;
  readonly blocked: readonly BlockedFrame[];
  /** Time that the guest stood still, in nanoseconds. */
  readonly pausedNs: number;
}

/**
 * Moves pages of a domain to other machine frames, without the guest.
 *
 * P==M: none; the address is the frame. P2M: with the domain suspended, as Xen's tools exchange a page of a bad DIMM
 * (tools/libxc/xc_offline_page.c): every page table of the guest is read and the entries that mean a moved frame are
 * rewritten, as are its p2m and the m2p. VP: copied behind the guest's back, repointed, and the domain's translations
 * dropped. A frame that another domain maps, or that a device was told of, stays under every model.
 */
export const relocatePages = (request: RelocationRequest): Relocation => {
  const { domain, pfns, payer } = request;
  const blocked: BlockedFrame[] = [];
  const movable = pfns.filter((pfn) => {
    const finding = refusesRelocation(domain, pfn);
    if (finding !== null) blocked.push({ mfn: domain.model.machineFrame(pfn), finding });
    return finding === null;
  });
  if (movable.length === 0) return { moved: 0, blocked, pausedNs: 0 };
  let moved = 0;
  let ownNs = 0;
  const payerNs = spent(payer, () => {
    ownNs = spent(domain.account, () => {
      moved = moveAll(request, movable, blocked);
    });
  });
  const pausedNs = payer === domain.account ? ownNs : payerNs + ownNs;
  request.stall?.(pausedNs);
  return { moved, blocked, pausedNs };
};

const moveAll = ({ domain, payer, take }: RelocationRequest, pfns: readonly Pfn[], blocked: BlockedFrame[]): number => {
  const { host, model } = domain;
  const suspends = model.tablesHoldMachineFrames;
  const targets = pfns.map(() => (take === undefined ? host.takeSpare(domain) : take()));
  payer.charge(Mechanism.movement, Event.hypercall);
  if (suspends) payer.charge(Mechanism.movement, Event.suspend);
  const takeUpTables = domain.pv?.suspendTables();
  const now = new Map<Mfn, Mfn>();
  for (const [index, pfn] of pfns.entries()) {
    const from = model.machineFrame(pfn);
    const to = targets[index];
    if (to === NO_FRAME) {
      const detail = `${host.name} has no frame free to move frame ${hex(from)} of ${domain.name} to`;
      blocked.push({ mfn: from, finding: refusal(domain, 'heap-has-room', detail) });
      continue;
    }
    const noTable = model.makeEntry?.(pfn, 'relocate') ?? null;
    if (noTable !== null) {
      host.heap.free(to, 0);
      blocked.push({ mfn: from, finding: noTable });
      continue;
    }
    movePage(domain, pfn, to, payer);
    now.set(from, to);
  }
  if (suspends) {
    rewriteEntries(domain, now, payer);
    takeUpTables?.();
    domain.grants?.follow(now);
    payer.charge(Mechanism.movement, Event.resume);
  }
  if (now.size > 0) domain.processes?.follow(now);
  if (now.size > 0) domain.mmu.flush(Mechanism.movement);
  for (const from of now.keys()) host.release(from, payer);
  return now.size;
};

/** Copies one page to a frame that is taken out of the heap, and points the p2m and the m2p at it. */
const movePage = (domain: Domain, pfn: Pfn, to: Mfn, payer: Account): void => {
  const { host, model, id } = domain;
  const { frames, tables } = host;
  const from = model.machineFrame(pfn);
  frames.setState(to, FrameState.owned, id);
  frames.addReferences(to, 1);
  frames.setContents(to, frames.contents(from));
  if (frames.type(from) === FrameType.pageTable) frames.takeType(to, FrameType.pageTable);
  const entries = tables.get(from);
  if (entries !== undefined) tables.set(to, entries);
  model.repoint!(pfn, to);
  payer.charge(Mechanism.populate, Event.pageAllocate);
  payer.charge(Mechanism.movement, Event.pageCopy);
  if (model.tablesHoldMachineFrames) {
    payer.charge(Mechanism.movement, Event.hypercall);
    payer.charge(Mechanism.movement, Event.guestP2mStore);
  }
};

/** Why a page cannot be moved without the guest, or null. */
export const refusesRelocation = (domain: Domain, pfn: Pfn): Finding | null => {
  const { host, model, name } = domain;
  const mfn = model.machineFrame(pfn);
  if (mfn === NO_FRAME || host.frames.owner(mfn) !== domain.id) {
    return refusal(domain, 'own-frame', `guest frame ${hex(pfn)} of ${name} has no frame of its own`);
  }
  if (model.repoint === undefined) {
    const detail = `guest frame ${hex(pfn)} of ${name} is machine frame ${hex(mfn)}: only the guest itself can leave it`;
    return refusal(domain, 'address-is-frame', detail);
  }
  if (host.frames.pins(mfn) > 0) {
    return refusal(domain, 'not-mapped-for-dma', `a device of ${name} maps frame ${hex(mfn)}`);
  }
  const inUse =
    domain.pv === null
      ? host.frames.references(mfn) !== 1
      : [...host.domains.values()].some(({ foreign }) => foreign.has(mfn));
  if (inUse) {
    return refusal(domain, 'not-referenced', `frame ${hex(mfn)} of ${name} is in use by more than its p2m`);
  }
  return null;
};

const refusal = ({ model }: Domain, rule: string, detail: string): Finding => ({
  operation: 'relocate',
  model: model.id,
  rule,
  detail,
});
