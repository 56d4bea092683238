import type { Domain } from '../domain/domain.js';
import { walk } from '../domain/walk.js';
import type { Pfn } from '../host/frame-number.js';

export interface Verification {
  /** Guest frames and program pages compared. */
  readonly frames: number;
  readonly pages: number;
  /** Guest frames whose contents are not what the guest last wrote, those that are not there at all among them. */
  readonly wrongFrames: readonly Pfn[];
  /** Pages of the program that its tables do not put where the guest put them. */
  readonly wrongPages: readonly number[];
}

/** Compares a domain's memory, to the last page, with the guest's own log of what it wrote and mapped. */
export const verifyContents = (domain: Domain): Verification => {
  const { model, host, log } = domain;
  const owned = model.ownedFrames();
  const wrongFrames = owned.filter((pfn) => host.frames.contents(model.machineFrame(pfn)) !== log.stamp(pfn));
  const present = new Set(owned);
  model.overcommit?.places.forEach((pfn) => {
    present.add(pfn);
    if (model.overcommit!.contents(pfn) !== log.stamp(pfn)) wrongFrames.push(pfn);
  });
  log.forEachWritten((pfn) => {
    if (!present.has(pfn)) wrongFrames.push(pfn);
  });
  const wrongPages: number[] = [];
  let pages = 0;
  log.forEachMapped((vpn, pfn) => {
    pages += 1;
    if (walk(domain, vpn) !== model.machineFrame(pfn)) wrongPages.push(vpn);
  });
  return { frames: present.size, pages, wrongFrames, wrongPages };
};
