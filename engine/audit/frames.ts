import { FrameState, FrameType, NO_OWNER, SCRUBBED } from '../host/frame-table.js';
import { type Mfn, NO_FRAME, asMfn, hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { verifyContents } from '../operations/verify-contents.js';
import { Place } from '../models/page-places.js';
import { countPvUses } from '../x86/audit-pv.js';
import { FrameUses } from './frame-uses.js';
import type { Violation } from './violation.js';

/** Rule 1: a frame has one owner, and p2m and m2p are inverse on every owned frame. */
export const auditOwnership = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'ownership', detail });
  const owned = new Map<number, number>();
  const waiting = new Set<Mfn>();
  for (const { model } of host.domains.values())
    for (const mfn of model.overcommit?.cache.frames ?? []) waiting.add(mfn);
  host.frames.forEachInstalled((mfn) => {
    if (host.frames.state(mfn) !== FrameState.owned) return;
    const owner = host.frames.owner(mfn);
    owned.set(owner, (owned.get(owner) ?? 0) + 1);
    const domain = host.domains.get(owner);
    if (domain === undefined) return report(`frame ${hex(mfn)} is owned by domain ${owner}, which is not there`);
    const pfn = host.frames.guestFrame(mfn);
    if (waiting.has(mfn) && pfn === NO_FRAME) return;
    if (domain.model.machineFrame(pfn) !== mfn) {
      report(`frame ${hex(mfn)} is guest frame ${hex(pfn)} of ${domain.name} by the m2p, but not by its p2m`);
    }
  });
  for (const domain of host.domains.values()) {
    const listed = domain.model.ownedFrames();
    const listedInAll = listed.length + (domain.model.overcommit?.cache.frames.length ?? 0);
    if (listedInAll !== (owned.get(domain.id) ?? 0)) {
      report(`${domain.name} lists ${listedInAll} frames, the frame table ${owned.get(domain.id) ?? 0}`);
    }
    for (const pfn of listed) {
      const mfn = domain.model.machineFrame(pfn);
      if (host.frames.guestFrame(mfn) !== pfn) {
        report(`guest frame ${hex(pfn)} of ${domain.name} is at ${hex(mfn)} by the p2m, but not by the m2p`);
      }
    }
  }
  return violations;
};

/** Rule 2: under direct, PFN = MFN for every page of its own memory. */
export const auditIdentity = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  host.frames.forEachInstalled((mfn) => {
    const domain = host.domains.get(host.frames.owner(mfn));
    if (domain?.model.id !== 'direct' || host.frames.guestFrame(mfn) === (mfn as number)) return;
    const detail = `frame ${hex(mfn)} is guest frame ${hex(host.frames.guestFrame(mfn))} of ${domain.name}`;
    violations.push({ rule: 'identity', detail });
  });
  return violations;
};

/** Rule 4: reference and type counts are what a walk over all holders counts, and no frame has two types. */
export const auditCounts = (host: Host): Violation[] => {
  const uses = new FrameUses();
  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'counts', detail });
  for (const domain of host.domains.values()) {
    const { model } = domain;
    for (const pfn of model.ownedFrames()) uses.addReference(model.machineFrame(pfn));
    for (const mfn of model.overcommit?.cache.frames ?? []) uses.addReference(mfn);
    model.overcommit?.places.forEach((pfn, place) => {
      if (place !== Place.shared) return;
      uses.addReference(model.machineFrame(pfn));
      uses.addType(model.machineFrame(pfn), FrameType.shared);
    });
    domain.foreign.forEach((mfn, held, writing) => {
      uses.addReference(mfn, held);
      if (writing > 0) uses.addType(mfn, FrameType.writable, writing);
    });
    if (domain.pv !== null) {
      countPvUses(domain, domain.pv, uses);
    } else if (domain.model.tablesHoldMachineFrames) {
      for (const pfn of domain.pageTable.tablePfns) uses.addType(domain.model.machineFrame(pfn), FrameType.pageTable);
    }
  }
  host.frames.forEachInstalled((mfn) => {
    const { frames } = host;
    const expected = uses.references(mfn) + frames.pins(mfn);
    if (frames.references(mfn) !== expected) {
      report(`frame ${hex(mfn)} counts ${frames.references(mfn)} references, a walk finds ${expected}`);
    }
    if (uses.hasTwoTypes(mfn)) report(`frame ${hex(mfn)} is in use as two types at once`);
    const typeCount = uses.typeCount(mfn);
    if (frames.typeCount(mfn) !== typeCount) {
      report(`frame ${hex(mfn)} counts ${frames.typeCount(mfn)} uses of its type, a walk finds ${typeCount}`);
    }
    const type = uses.type(mfn);
    if (frames.type(mfn) !== type) report(`frame ${hex(mfn)} has type ${frames.type(mfn)}, a walk finds ${type}`);
  });
  return violations;
};

/** Rule 6: contents are what the guest last wrote, by its own log; a frame that nobody has holds nothing of its last owner. */
export const auditContents = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  for (const domain of host.domains.values()) {
    const { wrongFrames, wrongPages } = verifyContents(domain);
    for (const pfn of wrongFrames) {
      const detail = `guest frame ${hex(pfn)} of ${domain.name} is not what the guest last wrote`;
      violations.push({ rule: 'contents', detail });
    }
    for (const vpn of wrongPages) {
      const detail = `page ${hex(vpn)} of ${domain.name} is not the frame that the guest put there`;
      violations.push({ rule: 'contents', detail });
    }
  }
  host.frames.forEachInstalled((mfn) => {
    const state = host.frames.state(mfn);
    if ((state !== FrameState.free && state !== FrameState.offlined) || host.frames.contents(mfn) === SCRUBBED) return;
    violations.push({
      rule: 'contents',
      detail: `frame ${hex(mfn)} is ${host.describeOwner(mfn)} and was not scrubbed`,
    });
  });
  return violations;
};

/**
 * Rule 7: free + owned + shared + offlined + reserved = installed, the heap holds exactly the free frames, and what the hypervisor keeps is
 * reserved, each frame once and for a domain that is there.
 */
export const auditConservation = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'conservation', detail });
  let installed = 0;
  let free = 0;
  host.frames.forEachInstalled((mfn) => {
    installed += 1;
    if (host.frames.state(mfn) === FrameState.free) free += 1;
  });
  if (installed !== host.installedFrames)
    report(`${installed} frames have a state, ${host.installedFrames} are installed`);
  if (free !== host.heap.freeFrames) report(`${free} frames are free, the heap counts ${host.heap.freeFrames}`);
  let listed = 0;
  host.heap.forEachChunk((first, count) => {
    listed += count;
    for (let mfn = first as number; mfn < first + count; mfn += 1) {
      if (host.frames.state(asMfn(mfn)) !== FrameState.free) report(`frame ${hex(mfn)} is in the heap and not free`);
    }
  });
  if (listed !== host.heap.freeFrames) report(`the heap lists ${listed} frames and counts ${host.heap.freeFrames}`);
  let kept = -1;
  for (const { first, end, domain } of host.hypervisor.listChunks()) {
    if (first < kept) report(`the hypervisor keeps frame ${hex(first)} twice`);
    if (domain !== NO_OWNER && !host.domains.has(domain))
      report(`frame ${hex(first)} is kept for a domain that is gone`);
    for (let mfn = first; mfn < end; mfn += 1) {
      if (host.frames.state(asMfn(mfn)) !== FrameState.reserved) report(`frame ${hex(mfn)} is kept and not reserved`);
    }
    kept = end;
  }
  return violations;
};
