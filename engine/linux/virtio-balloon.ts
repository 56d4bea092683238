import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import { Event, Mechanism } from '../host/events.js';
import type { LinuxKernel } from './kernel.js';

/** Frame numbers that one buffer holds (`VIRTIO_BALLOON_ARRAY_PFNS_MAX`, Linux drivers/virtio/virtio_balloon.c). */
const FRAMES_A_BUFFER = 256;

/** Buffers that the queue holds, each of which is a range (QEMU hw/virtio/virtio-balloon.c: 128). */
const RANGES_A_QUEUE = 128;

/** Bytes of a range, whose length has 32 bits; in whole pages. */
const LARGEST_RANGE = 2 ** 32;

/** How the driver names what it gives up: a number for each page, or ranges of pages that follow each other. */
export type BalloonNaming = 'pages' | 'ranges';

/** Guest frames that follow each other. */
interface FrameRange {
  readonly first: Pfn;
  readonly count: number;
}

/**
 * The balloon of virtio, where a virtual machine's memory is memory of the process that runs it. The driver takes pages from its
 * allocator one by one, names them to the device, and waits; the device looks up where each page or range is in its process and
 * gives it back to the host by a call. In pages it names as many as a buffer holds and waits for each buffer. In ranges it takes all
 * pages first, finds the runs among them from the lowest up, and waits when the queue is full. The kernel's own mapping stays. Ends with
 * a finding where the guest has too few pages free, and where its frame numbers are machine frames: then they are no process's memory.
 *
 * Source: virtio-balloon, VIRTIO_BALLOON_F_SG, v12 to v15, July and August 2017 (`fill_balloon`, `tell_host_sgs`).
 */
export const inflateBalloon = (kernel: LinuxKernel, pages: number, naming: BalloonNaming): Finding | null => {
  const { domain } = kernel;
  const refused = (rule: string, detail: string): Finding => {
    return { operation: 'balloon out', model: domain.model.id, rule, detail };
  };
  if (domain.model.overcommit === undefined) {
    return refused('memory-of-a-process', `${domain.name} names machine frames, which are no memory of a process`);
  }
  const atOnce = naming === 'ranges' ? pages : FRAMES_A_BUFFER;
  for (let left = pages; left > 0; left -= Math.min(left, atOnce)) {
    const count = Math.min(left, atOnce);
    if (domain.free.count < count) {
      return refused(
        'free-frames',
        `${domain.name} has ${domain.free.count} frames free of the ${left} still to give back`,
      );
    }
    const taken = Int32Array.from({ length: count }, () => kernel.takeFrame());
    domain.account.charge(Mechanism.populate, Event.pageAllocate, count);
    const refusal = naming === 'ranges' ? tellRanges(domain, taken) : tellPages(domain, taken);
    if (refusal !== null) return refusal;
  }
  return null;
};

/** One buffer of frame numbers. */
const tellPages = (domain: Domain, taken: Int32Array): Finding | null =>
  tell(
    domain,
    Array.from(taken, (pfn) => ({ first: asPfn(pfn), count: 1 })),
  );

/** A queue full of ranges at a time. */
const tellRanges = (domain: Domain, taken: Int32Array): Finding | null => {
  const ranges = rangesOf(taken.sort(), LARGEST_RANGE / domain.host.simulation.platform.pageBytes - 1);
  for (let next = 0; next < ranges.length; next += RANGES_A_QUEUE) {
    const refusal = tell(domain, ranges.slice(next, next + RANGES_A_QUEUE));
    if (refusal === null) continue;
    for (const { first, count } of ranges.slice(next + RANGES_A_QUEUE)) giveBack(domain, first, count);
    return refusal;
  }
  return null;
};

/** Runs of ascending frames, none of more than so many. */
const rangesOf = (frames: Int32Array, largest: number): FrameRange[] => {
  const ranges: FrameRange[] = [];
  for (let at = 0; at < frames.length;) {
    let end = at + 1;
    while (end < frames.length && frames[end] === frames[end - 1] + 1 && end - at < largest) end += 1;
    ranges.push({ first: asPfn(frames[at]), count: end - at });
    at = end;
  }
  return ranges;
};

/**
 * The device is notified, releases what the entries name, each by one look-up and one call, and answers. What follows a page that
 * cannot go stays with the guest's kernel.
 */
const tell = (domain: Domain, entries: readonly FrameRange[]): Finding | null => {
  const { account } = domain;
  account.charge(Mechanism.rings, Event.ringEntry, entries.length);
  account.charge(Mechanism.rings, Event.notification);
  let refusal: Finding | null = null;
  for (const { first, count } of entries) {
    if (refusal !== null) {
      giveBack(domain, first, count);
      continue;
    }
    account.charge(Mechanism.populate, Event.p2mLookup);
    account.charge(Mechanism.populate, Event.memoryOperation);
    for (let page = 0; page < count && refusal === null; page += 1) {
      const released = domain.balloon.release(asPfn(first + page), true);
      if (!isFinding(released)) continue;
      refusal = released;
      giveBack(domain, asPfn(first + page + 1), count - page - 1);
    }
  }
  account.charge(Mechanism.rings, Event.upcall);
  return refusal;
};

const giveBack = (domain: Domain, first: Pfn, count: number): void => {
  for (let page = 0; page < count; page += 1) domain.free.giveBack(asPfn(first + page));
};
