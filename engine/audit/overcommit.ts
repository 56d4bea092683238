import { NO_FRAME, hex } from '../host/frame-number.js';
import { FrameState } from '../host/frame-table.js';
import type { Host } from '../host/host.js';
import { Place } from '../models/page-places.js';
import type { Violation } from './violation.js';

/**
 * Rule 7 for memory without a frame of its own: a paged-out page is on the disk exactly once, and every page on the disk is
 * one that is paged out; a shared guest frame stands for a shared frame; a page that is not populated has no frame, and
 * the frames that wait for such pages are owned and at no guest frame.
 */
export const auditOvercommit = (host: Host): Violation[] => {
  const violations: Violation[] = [];
  const report = (detail: string): void => void violations.push({ rule: 'overcommit', detail });
  const onDisk = new Map<string, number>();
  let slots = 0;
  host.pagingDisk?.forEachPage(({ slot, owner, pfn }) => {
    slots += 1;
    const key = `${owner} ${pfn}`;
    onDisk.set(key, (onDisk.get(key) ?? 0) + 1);
    const places = host.domains.get(owner)?.model.overcommit?.places;
    if (places?.at(pfn) !== Place.pagedOut || places.slot(pfn) !== slot)
      report(`slot ${slot} of the disk holds guest frame ${hex(pfn)} of domain ${owner}, which is not there`);
  });
  if (host.pagingDisk !== null && slots + host.pagingDisk.emptySlots !== host.pagingDisk.slots)
    report(
      `${slots} slots of the disk are in use and ${host.pagingDisk.emptySlots} empty, it has ${host.pagingDisk.slots}`,
    );
  for (const domain of host.domains.values()) {
    const { model, name } = domain;
    model.overcommit?.places.forEach((pfn, place) => {
      const mfn = model.machineFrame(pfn);
      const where = `guest frame ${hex(pfn)} of ${name}`;
      if (place === Place.shared) {
        if (host.frames.state(mfn) !== FrameState.shared) report(`${where} is shared, its frame ${hex(mfn)} is not`);
        return;
      }
      if (mfn !== NO_FRAME) report(`${where} is not in memory and has frame ${hex(mfn)}`);
      if (place === Place.pagedOut && onDisk.get(`${domain.id} ${pfn}`) !== 1)
        report(`${where} is on the disk ${onDisk.get(`${domain.id} ${pfn}`) ?? 0} times`);
    });
    for (const mfn of model.overcommit?.cache.frames ?? []) {
      if (host.frames.owner(mfn) !== domain.id || host.frames.guestFrame(mfn) !== NO_FRAME)
        report(`frame ${hex(mfn)} waits for a page of ${name} and is ${host.describeOwner(mfn)}`);
    }
  }
  return violations;
};
