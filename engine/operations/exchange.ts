import type { Domain } from '../domain/domain.js';
import { clearKernelPage } from '../domain/kernel-mapping.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Mfn, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import type { Host } from '../host/host.js';

/**
 * XENMEM_exchange for contiguity: a domain gives the frames behind 2^order of its guest frames and gets frames that follow each other
 * below 2^addressBits. The new ones are taken before the old ones go back, so the host has to have both. The guest frames must be
 * its kernel's own, mapped nowhere else; their contents are gone, as the new ones are scrubbed. Nothing happens where they are
 * contiguous and low enough.
 */
export const exchangeContiguous = (domain: Domain, first: Pfn, order: number, addressBits: number): Finding | null => {
  const { host, model, account } = domain;
  const pfns = Array.from({ length: 2 ** order }, (_, offset) => asPfn(first + offset));
  const mfns = pfns.map((pfn) => model.machineFrame(pfn));
  const limit = 2 ** addressBits / host.simulation.platform.pageBytes;
  if (mfns.every((mfn, offset) => mfn === mfns[0] + offset) && mfns[0] + mfns.length <= limit) return null;
  const refusal = (rule: string, detail: string): Finding => ({
    operation: 'exchange',
    model: model.id,
    rule,
    detail,
  });
  if (model.repoint === undefined) {
    return refusal('other-frames', `guest frame ${hex(first)} of ${domain.name} is at its own address for good`);
  }
  const busy = mfns.find((mfn) => mfn === NO_FRAME || !isExchangeable(domain, mfn));
  if (busy !== undefined)
    return refusal('not-referenced', `frame ${hex(busy)} of ${domain.name} is in use or not there`);
  const chunk = takeChunk(domain, order, limit);
  if (chunk === NO_FRAME) {
    const detail = `${host.name} has no ${2 ** order} free frames that follow each other below ${addressBits} bits of address`;
    return refusal('contiguous-below-mask', detail);
  }
  for (const pfn of pfns) {
    const noTable = model.makeEntry?.(pfn, 'exchange') ?? null;
    if (noTable === null) continue;
    for (const offset of pfns.keys()) host.release(asMfn(chunk + offset), account);
    domain.mmu.flush(Mechanism.dma);
    return noTable;
  }
  account.charge(Mechanism.dma, Event.hypercall);
  account.charge(Mechanism.dma, Event.exchangedFrame, pfns.length);
  for (const [offset, pfn] of pfns.entries()) {
    const { pv } = domain;
    const isMapped = pv !== null && pv.kernelReferences(mfns[offset]) > 0;
    clearKernelPage(domain, pfn);
    model.repoint(pfn, asMfn(chunk + offset));
    if (model.tablesHoldMachineFrames) account.charge(Mechanism.dma, Event.guestP2mStore);
    host.release(mfns[offset], account);
    if (isMapped) {
      account.charge(Mechanism.dma, Event.vaMappingUpdate);
      pv.mapKernelPage(asMfn(chunk + offset), 'writable');
    }
    domain.forgetContents(pfn);
    domain.dirtyLog?.mark(pfn);
  }
  return null;
};

/** Whether nothing but the kernel's own mapping has the frame. */
const isExchangeable = ({ host: { frames }, id, pv }: Domain, mfn: Mfn): boolean => {
  const references = 1 + (pv?.kernelReferences(mfn) ?? 0);
  const writers = pv?.isKernelWritable(mfn) === true ? 1 : 0;
  return frames.owner(mfn) === id && frames.references(mfn) === references && frames.typeCount(mfn) === writers;
};

/** A chunk below a frame, now the domain's: of the heap, or of what the owner of memory has, who is asked for it. */
const takeChunk = (domain: Domain, order: number, limit: number): Mfn => {
  const { host } = domain;
  const owner = host.memoryOwner;
  if (owner === null) {
    const chunk = highestChunk(host, order, limit);
    return chunk !== NO_FRAME && host.allocateAt(domain, chunk, order) ? chunk : asMfn(NO_FRAME);
  }
  if (owner.domain !== domain) owner.ask(domain);
  const chunk = owner.allocate(order, domain, limit);
  if (chunk !== NO_FRAME) host.give(domain, chunk, 2 ** order);
  return chunk;
};

/** The highest free aligned chunk below a frame: Xen asks its zones from the highest down, and spares low memory. */
const highestChunk = (host: Host, order: number, limit: number): Mfn => {
  const pages = 2 ** order;
  let highest = NO_FRAME;
  host.heap.forEachChunk((first, count) => {
    const end = Math.min(first + count, limit);
    const chunk = Math.floor((end - pages) / pages) * pages;
    if (chunk >= first && chunk > highest) highest = chunk;
  });
  return asMfn(highest);
};
