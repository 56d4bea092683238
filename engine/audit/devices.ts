import { entryFrame, isWritable } from '../host/entry.js';
import type { Domain } from '../domain/domain.js';
import { type Mfn, NO_FRAME, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import type { Host } from '../host/host.js';
import type { Iommu } from '../iommu/iommu.js';
import type { IommuContext } from '../iommu/iommu-context.js';
import { NO_SLOT } from '../devices/bounce-pool.js';
import { pagesAt } from '../paging/format.js';
import type { Violation } from './violation.js';

type Report = (detail: string) => void;

/**
 * Rules 3, 4 and 5 for devices: no entry of a strict IOMMU reaches a frame that the domain neither owns nor was given; an IOTLB holds
 * nothing that the table would not give, but for what waits for a deferred invalidation; every frame that a device was told of is
 * held, once for each mapping, and those of bounce pools.
 */
export const auditDevices = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const reporter =
    (rule: Violation['rule']): Report =>
    (detail) =>
      void violations.push({ rule, detail });
  const tables = new Set<Mfn>();
  for (const context of host.dma.contexts) {
    // A table that is the second stage is audited as that.
    if (context.holds === 'second stage') continue;
    auditTables(context, tables, reporter('reach'));
    if (context.holds !== 'all RAM') auditRights(context, reporter('reach'));
    if (context.holds === 'own') auditComplete(context, reporter('reach'));
  }
  const iommus = new Set(host.dma.contexts.map(({ iommu }) => iommu));
  for (const iommu of iommus) auditIotlb(iommu, reporter('coherence'));
  auditPins(host, reporter('counts'));
  auditSlots(host, reporter('counts'));
  return violations;
};

/** Table pages are the hypervisor's, and each is part of one table. */
const auditTables = ({ table, domain: { host, name } }: IommuContext, seen: Set<Mfn>, report: Report): void =>
  table.forEachTable((frame) => {
    const mfn = asMfn(frame);
    if (host.frames.state(mfn) !== FrameState.reserved || seen.has(mfn)) {
      report(`page ${hex(mfn)} of an IOMMU table of ${name} is ${host.describeOwner(mfn)}, or is one twice`);
    }
    seen.add(mfn);
  });

const forEachPage = (
  { table, iommu }: IommuContext,
  visit: (page: number, mfn: Mfn, writable: boolean) => void,
): void =>
  table.forEachLeaf((first, level, entry) => {
    for (let offset = 0; offset < pagesAt(iommu.format, level); offset += 1) {
      visit(first + offset, asMfn(entryFrame(entry) + offset), isWritable(entry));
    }
  });

const auditRights = (context: IommuContext, report: Report): void => {
  const { domain, numbers } = context;
  forEachPage(context, (page, mfn, writable) => {
    const right = numbers === 'guest' && domain.host.frames.owner(mfn) === domain.id ? 'write' : context.rightTo(mfn);
    if (right === 'none' || (writable && right === 'read')) {
      const verb = writable ? 'writes' : 'reads';
      report(`an IOMMU entry of ${domain.name} at ${hex(page)} ${verb} ${hex(mfn)}, ${domain.host.describeOwner(mfn)}`);
    }
    const expected = numbers === 'guest' ? domain.model.machineFrame(asPfn(page)) : asMfn(page);
    if (numbers !== 'given out' && expected !== mfn) {
      report(`an IOMMU entry of ${domain.name} at ${hex(page)} gives ${hex(mfn)} for ${hex(expected)}`);
    }
  });
};

/** What a domain's devices may reach, they reach, unless there was no frame for a table page. */
const auditComplete = (context: IommuContext, report: Report): void => {
  const { domain, numbers, shortages } = context;
  if (shortages > 0) return;
  const expectAt = (page: number, mfn: Mfn): void => {
    if (context.frameAt(page) !== mfn) report(`no IOMMU entry of ${domain.name} at ${hex(page)} gives ${hex(mfn)}`);
  };
  for (const pfn of domain.model.ownedFrames()) {
    const mfn = domain.model.machineFrame(pfn);
    if (numbers === 'guest') expectAt(pfn, mfn);
    else if (context.rightTo(mfn) !== 'none') expectAt(mfn, mfn);
  }
  if (numbers === 'guest') domain.model.forEachForeign?.(expectAt);
  else domain.foreign.forEach((mfn) => expectAt(mfn, mfn));
};

const auditIotlb = (iommu: Iommu, report: Report): void => {
  const { tlb, format, queue } = iommu;
  for (let slot = 0; slot < tlb.slots; slot += 1) {
    if (tlb.tag[slot] < 0) continue;
    const context = iommu.contexts.get(tlb.tag[slot]);
    const size = pagesAt(format, tlb.level[slot]);
    for (let offset = 0; offset < size; offset += 1) {
      const page = tlb.prefix[slot] * size + offset;
      const mfn = asMfn(tlb.frame[slot] + offset);
      if (context === undefined) return report(`an IOTLB entry for ${hex(page)} belongs to no context`);
      if (queue.covers(context, page)) continue;
      const now = context.frameAt(page);
      if (now !== mfn) report(`an IOTLB entry for ${hex(page)} gives ${hex(mfn)}, the table gives ${hex(now)}`);
      else if (tlb.writable[slot] === 1 && !isWritable(context.table.leafEntry(page))) {
        report(`an IOTLB entry for ${hex(page)} is writable, its table entry is not`);
      }
    }
  }
};

const auditPins = (host: Host, report: Report): void => {
  const pins = new Map<Mfn, number>();
  const hold = ({ model }: Domain, pfn: Pfn): void => {
    const mfn = model.machineFrame(pfn);
    pins.set(mfn, (pins.get(mfn) ?? 0) + 1);
  };
  for (const device of host.dma.devices) {
    for (const { owner, pfns, slot } of device.mappings) if (slot === NO_SLOT) for (const pfn of pfns) hold(owner, pfn);
  }
  for (const [domain, { first, pages }] of host.dma.pools) {
    for (let page = 0; page < pages; page += 1) hold(domain, asPfn(first + page));
  }
  host.frames.forEachInstalled((mfn) => {
    const expected = pins.get(mfn) ?? 0;
    if (host.frames.pins(mfn) === expected) return;
    report(`frame ${hex(mfn)} counts ${host.frames.pins(mfn)} mappings for DMA, a walk finds ${expected}`);
  });
  if (pins.has(asMfn(NO_FRAME))) report('a device was told of a guest frame that has no memory');
};

const slotsFrom = (slot: number, slots: number): number[] => Array.from({ length: slots }, (_, index) => slot + index);

/** Every slot in use belongs to one mapping. */
const auditSlots = (host: Host, report: Report): void => {
  for (const [domain, pool] of host.dma.pools) {
    const mappings = host.dma.devicesOf(domain).flatMap((device) => [...device.mappings]);
    const bounced = mappings.filter(({ slot }) => slot !== NO_SLOT);
    const taken = bounced.flatMap(({ slot, slots }) => slotsFrom(slot, slots));
    if (new Set(taken).size !== taken.length) report(`two mappings of ${domain.name} have a slot in common`);
    if (taken.length !== pool.used) {
      report(`the bounce pool of ${domain.name} counts ${pool.used} slots, a walk finds ${taken.length}`);
    }
  }
};

/** Frames that domains have given up and that their devices reach through an IOTLB entry not yet invalidated, by domain. */
export const countExposed = (host: Host): Map<string, number> => {
  const exposed = new Map<string, number>();
  for (const context of host.dma.contexts) {
    const count = context.iommu.exposures.now().filter((each) => each.context === context).length;
    exposed.set(context.domain.name, (exposed.get(context.domain.name) ?? 0) + count);
  }
  return exposed;
};
