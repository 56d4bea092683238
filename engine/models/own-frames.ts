import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { type Mfn, type Pfn, asMfn, hex } from '../host/frame-number.js';
import type { MoveTarget } from './model.js';

/** 2^order frames from `first` on. */
export interface OwnChunk {
  readonly first: Mfn;
  readonly order: number;
}

/**
 * Gives a P==M domain the lowest aligned chunks of the host that are free, as large as its kernel maps memory and then smaller for what is
 * left. All or nothing: else a finding.
 */
export const takeLowestChunks = (domain: Domain, pages: number): readonly OwnChunk[] | Finding => {
  const { host } = domain;
  const { pageBytes, kernelGranuleBytes } = host.simulation.platform;
  const granuleOrder = Math.log2(kernelGranuleBytes / pageBytes);
  const chunks: OwnChunk[] = [];
  let left = pages;
  while (left > 0) {
    const order = Math.min(granuleOrder, Math.floor(Math.log2(left)));
    const count = Math.floor(left / 2 ** order);
    const taken = takeOfOrder(domain, order, count);
    chunks.push(...taken);
    left -= taken.length * 2 ** order;
    if (taken.length === count) continue;
    releaseChunks(domain, chunks);
    const detail = `no free aligned range of ${2 ** order} frames on ${host.name}; ${pages - left} of ${pages} pages had one`;
    return { operation: 'build', model: 'direct', rule: 'banks-free', detail };
  }
  return chunks;
};

/** Gives a P==M domain these very frames, all or nothing; null when it has them. */
export const takeTheseFrames = (domain: Domain, pfns: readonly Pfn[]): Finding | null => {
  const { host } = domain;
  for (const [index, pfn] of pfns.entries()) {
    if (host.allocateAt(domain, asMfn(pfn), 0)) continue;
    for (const taken of pfns.slice(0, index)) host.release(asMfn(taken), domain.builder);
    const detail = `frame ${hex(pfn)} of ${host.name} is ${host.describeOwner(asMfn(pfn))}`;
    return { operation: 'build', model: 'direct', rule: 'same-frames-free', detail };
  }
  return null;
};

/** A P==M domain can move only to a host where the same frames are free. */
export const refusesOtherFrames = (owned: readonly Pfn[], target: MoveTarget): Finding | null => {
  const taken = owned.filter((pfn) => !target.isFree(asMfn(pfn)));
  if (taken.length === 0) return null;
  const [first] = taken;
  const others = taken.length === 1 ? '' : `, and ${taken.length - 1} more of its ${owned.length} frames are taken`;
  const detail = `frame ${hex(first)} of ${target.name} is ${target.describeOwner(asMfn(first))}${others}`;
  return { operation: 'migrate', model: 'direct', rule: 'same-frames-free', detail };
};

/** Up to `count` free chunks of the order, the lowest first. */
const takeOfOrder = (domain: Domain, order: number, count: number): OwnChunk[] => {
  const { host } = domain;
  const { pageBytes } = host.simulation.platform;
  const step = 2 ** order;
  const taken: OwnChunk[] = [];
  for (const bank of host.banks) {
    const end = (bank.start + bank.size) / pageBytes;
    let at = Math.ceil(bank.start / pageBytes / step) * step;
    for (; at + step <= end && taken.length < count; at += step) {
      if (host.allocateAt(domain, asMfn(at), order)) taken.push({ first: asMfn(at), order });
    }
  }
  return taken;
};

const releaseChunks = ({ host, builder }: Domain, chunks: readonly OwnChunk[]): void => {
  for (const { first, order } of chunks) {
    for (let page = 0; page < 2 ** order; page += 1) host.release(asMfn(first + page), builder);
  }
};
