import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { isWritable, makeEntry } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, hex } from '../host/frame-number.js';
import type { BlockedFrame, Relocation } from './relocate.js';

/**
 * The guest itself leaves guest frames that it is asked to leave: its own page migration copies pages of its programs to
 * frames that it has free elsewhere and changes their entries, and its balloon driver gives the frames up. What its kernel
 * has taken for itself, page tables among it, cannot be moved. The only way under P==M.
 */
export const vacate = (domain: Domain, pfns: readonly Pfn[]): Relocation => {
  const { model, account, log } = domain;
  const leaving = new Set(pfns);
  const free = new Set(domain.free.takeAll((pfn) => leaving.has(pfn)));
  const pages = new Map<Pfn, number[]>();
  log.forEachMapped((vpn, pfn) => {
    if (!leaving.has(pfn)) return;
    const others = pages.get(pfn);
    if (others === undefined) pages.set(pfn, [vpn]);
    else others.push(vpn);
  });
  const before = account.cpuNs;
  const blocked: BlockedFrame[] = [];
  let moved = 0;
  for (const pfn of pfns) {
    const mfn = model.machineFrame(pfn);
    const finding = leave(domain, pfn, free.has(pfn), pages.get(pfn));
    if (finding === null) moved += 1;
    else blocked.push({ mfn, finding });
  }
  return { moved, blocked, pausedNs: account.cpuNs - before };
};

const leave = (domain: Domain, pfn: Pfn, isFree: boolean, vpns: readonly number[] | undefined): Finding | null => {
  const { host, model, name, id } = domain;
  const mfn = model.machineFrame(pfn);
  const refuse = (rule: string, detail: string): Finding => {
    if (isFree) domain.free.giveBack(pfn);
    return { operation: 'relocate', model: model.id, rule, detail };
  };
  if (host.frames.pins(mfn) > 0) return refuse('not-mapped-for-dma', `a device of ${name} maps frame ${hex(mfn)}`);
  if (host.frames.references(mfn) !== 1)
    return refuse('not-referenced', `frame ${hex(mfn)} of ${name} is mapped by another domain`);
  if (!isFree) {
    if (vpns === undefined)
      return refuse('movable', `guest frame ${hex(pfn)} of ${name} is its kernel's own, which cannot be moved`);
    const to = domain.free.take();
    if (to === null) return refuse('free-frames', `${name} has no free frame to move guest frame ${hex(pfn)} to`);
    copyProgramPage(domain, pfn, to, vpns);
  }
  const released = domain.balloon.release(pfn);
  if (isFinding(released)) return released;
  if (host.frames.owner(mfn) === id)
    return {
      operation: 'relocate',
      model: model.id,
      rule: 'frames-released',
      detail: `frame ${hex(mfn)} is ballooned out and stays ${name}'s`,
    };
  return null;
};

/** Copies a page of programs to a frame that the kernel has taken for it, and points its entries there. */
export const copyProgramPage = (domain: Domain, from: Pfn, to: Pfn, vpns: readonly number[]): void => {
  const { account, model, log, pageTable } = domain;
  domain.fillKernel(to, domain.readKernel(from));
  account.charge(Mechanism.movement, Event.pageCopy);
  for (const vpn of vpns) {
    const writable = isWritable(pageTable.read(vpn));
    domain.setEntry(vpn, makeEntry(model.frameForEntry(to, Mechanism.movement), writable), Mechanism.movement);
    log.map(vpn, to);
  }
};
