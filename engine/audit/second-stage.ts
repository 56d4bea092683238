import type { Domain } from '../domain/domain.js';
import { FrameState } from '../host/frame-table.js';
import { type Mfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';
import type { SecondStageEntry } from '../paging/second-stage.js';
import type { Violation } from './violation.js';

/**
 * Rules 2, 3 and 4 for second-stage tables: an entry reaches memory of the domain's own, at the guest frame that it is,
 * or a frame that it was given, once for each right to it; a frame of the hypervisor's; or a device. Table pages are the
 * hypervisor's, and each is part of one table.
 */
export const auditSecondStage = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const tables = new Set<Mfn>();
  for (const domain of host.domains.values()) {
    const stage = domain.model.secondStage;
    if (stage === undefined) continue;
    const report = (detail: string): void =>
      void violations.push({ rule: 'second stage', detail: `${domain.name}: ${detail}` });
    for (const mfn of stage.tableFrames()) {
      if (host.frames.state(mfn) !== FrameState.reserved) report(`table ${hex(mfn)} is ${host.describeOwner(mfn)}`);
      if (tables.has(mfn)) report(`frame ${hex(mfn)} is a table twice`);
      tables.add(mfn);
    }
    const given = new Map<Mfn, number>();
    stage.forEachEntry((entry) => {
      if (entry.kind === 'memory') auditMemory(domain, entry, given, report);
      else if (entry.kind === 'hypervisor' && host.frames.state(entry.mfn) !== FrameState.reserved) {
        report(`guest frame ${hex(entry.pfn)} gives ${hex(entry.mfn)}, ${host.describeOwner(entry.mfn)}`);
      } else if (entry.kind === 'device' && host.frames.state(entry.mfn) !== FrameState.notInstalled) {
        report(`guest frame ${hex(entry.pfn)} gives memory as a device`);
      }
    });
    domain.foreign.forEach((mfn, held) => {
      const entries = given.get(mfn) ?? 0;
      if (entries !== held) report(`frame ${hex(mfn)} has ${entries} entries, ${held} rights to it are held`);
    });
  }
  return violations;
};

const auditMemory = (
  { host, id, foreign, model }: Domain,
  { pfn, mfn, order, writable }: SecondStageEntry,
  given: Map<Mfn, number>,
  report: (detail: string) => void,
): void => {
  for (let page = 0; page < 2 ** order; page += 1) {
    const frame = asMfn(mfn + page);
    if (host.frames.owner(frame) === id) {
      if ((model.machineFrame(pfn) as number) === (mfn as number) && host.frames.guestFrame(frame) === pfn + page)
        continue;
    }
    if (model.overcommit?.isShared(asPfn(pfn + page)) === true) {
      if (writable) report(`guest frame ${hex(pfn + page)} may write ${hex(frame)}, which it shares`);
    } else if (foreign.has(frame)) {
      given.set(frame, (given.get(frame) ?? 0) + 1);
      if (writable && !foreign.canWrite(frame))
        report(`guest frame ${hex(pfn + page)} may write ${hex(frame)}, given to read`);
    } else if (host.frames.owner(frame) === id) {
      report(`guest frame ${hex(pfn + page)} gives its own frame ${hex(frame)}, which is another guest frame`);
    } else {
      report(`guest frame ${hex(pfn + page)} gives ${hex(frame)}, ${host.describeOwner(frame)}`);
    }
  }
};
