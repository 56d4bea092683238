import type { Domain } from '../domain/domain.js';
import { walk } from '../domain/walk.js';
import { type CachedTranslation, Region } from '../mmu/mmu.js';
import { FrameState } from '../host/frame-table.js';
import { type Mfn, NO_FRAME, asMfn, asPfn, hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import { entryFrame, isWritable } from '../host/entry.js';
import type { Violation } from './violation.js';

/** Every page that an MMU's caches translate now. */
const forEachTranslation = (host: Host, visit: (domain: Domain, translation: CachedTranslation) => void): void => {
  for (const domain of host.domains.values()) {
    domain.mmu.forEachTranslation((translation) => {
      // Under a tag that was given up nothing is reached before all is flushed.
      const { space } = translation;
      if (space === 0 || domain.spaces.get(space) !== undefined) visit(domain, translation);
    });
  }
};

const isTrusted = ({ model }: Domain): boolean => model.isTrusted === true;

const mayReach = (domain: Domain, mfn: Mfn): boolean =>
  domain.host.frames.owner(mfn) === domain.id || domain.foreign.has(mfn);

/** Whether the guest frame behind the page is one of those that the shared frame stands for. */
const readsShared = (domain: Domain, { region, space, vpn, mfn }: CachedTranslation): boolean => {
  const { overcommit } = domain.model;
  if (overcommit === undefined || domain.host.frames.state(mfn) !== FrameState.shared) return false;
  const pfn =
    region === Region.user ? domain.model.frameFromEntry(entryFrame(domain.userEntry(vpn, space))) : asPfn(vpn);
  return overcommit.isShared(pfn) && domain.model.machineFrame(pfn) === mfn;
};

/** Whether the kernel's own mapping reaches a frame of the hypervisor's there, which it has had mapped. */
const isHypervisorsAt = ({ model }: Domain, region: number, vpn: number, mfn: Mfn): boolean =>
  region === Region.kernel && (mfn as number) !== NO_FRAME && model.secondStage?.hypervisorFrame(vpn) === mfn;

const mayWrite = (domain: Domain, mfn: Mfn): boolean =>
  domain.host.frames.owner(mfn) === domain.id || domain.foreign.canWrite(mfn);

/**
 * Rule 3: no translation reaches a frame that its domain does not own and was not given, nor lets it write one that it
 * was given to read. *Trusted* is left out.
 */
export const auditReach = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  forEachTranslation(host, (domain, translation) => {
    const { where, region, vpn, mfn, writable } = translation;
    if (isTrusted(domain) || (writable ? mayWrite(domain, mfn) : mayReach(domain, mfn))) return;
    if (isHypervisorsAt(domain, region, vpn, mfn)) return;
    if (!writable && readsShared(domain, translation)) return;
    const detail = `a ${where} entry of ${domain.name} for page ${hex(vpn)} ${writable ? 'writes' : 'reaches'} frame ${hex(mfn)}, ${host.describeOwner(mfn)}`;
    violations.push({ rule: 'reach', detail });
  });
  return violations;
};

/** What *trusted* breaks by design: installed frames, neither its own nor given to it, that each domain can insert. */
export const countReachable = (host: Host): Map<string, number> => {
  const reachable = new Map<string, number>();
  for (const domain of host.domains.values()) {
    if (!isTrusted(domain)) continue;
    let count = 0;
    host.frames.forEachInstalled((mfn) => {
      if (host.frames.state(mfn) !== FrameState.free && !mayReach(domain, mfn)) count += 1;
    });
    reachable.set(domain.name, count);
  }
  return reachable;
};

/** Rule 5: the TLB and the VHPT hold nothing that the tables and the dirty log would not give now. */
export const auditCoherence = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  for (const { name, mmu } of host.domains.values()) {
    for (const { cache, page, detail } of mmu.staleEntries?.() ?? []) {
      violations.push({ rule: 'coherence', detail: `a ${cache} entry of ${name} for page ${hex(page)} ${detail}` });
    }
  }
  forEachTranslation(host, (domain, { where, region, space, vpn, mfn, writable }) => {
    const report = (detail: string): void =>
      void violations.push({
        rule: 'coherence',
        detail: `a ${where} entry of ${domain.name} for page ${hex(vpn)} ${detail}`,
      });
    const own = domain.model.machineFrame(asPfn(vpn));
    const kernelFrame = own === NO_FRAME && isTrusted(domain) ? asMfn(vpn) : own;
    const expected = region === Region.user ? walk(domain, vpn, space) : kernelFrame;
    if (expected !== mfn && !isHypervisorsAt(domain, region, vpn, mfn))
      report(`gives frame ${hex(mfn)}, its table gives ${hex(expected)}`);
    if (!writable) return;
    if (region === Region.user && !isWritable(domain.userEntry(vpn, space)))
      report('is writable, its table entry is not');
    const { dirtyLog } = domain;
    if (dirtyLog === null || host.frames.owner(mfn) !== domain.id) return;
    if (!dirtyLog.has(host.frames.guestFrame(mfn))) report('is writable, but its frame is not marked dirty');
  });
  return violations;
};
