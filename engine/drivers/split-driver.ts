import { Nic } from '../devices/nic.js';
import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import type { Pfn } from '../host/frame-number.js';
import { copyReceive, copyTransmit } from './copy-path.js';
import type { DriverEnds, ReceivePath, TransmitPath } from './data-path.js';
import { flipReceive } from './flip-path.js';
import { mapReceive, mapTransmit, nameByFrame, nameByGrants, reachByGrants, reachByName } from './map-path.js';
import { persistentReceive, persistentTransmit } from './persistent-path.js';
import type { RingSlot } from './ring.js';
import { type RingPage, shareRing } from './ring-page.js';

/** How a split driver moves pages out and in. `name` is a trusted P==M backend's, which needs no grants. */
export interface DriverPaths {
  readonly transmit: 'copy' | 'map' | 'persistent' | 'name';
  readonly receive: 'copy' | 'map' | 'persistent' | 'flip' | 'name';
  /** Requests that the backend takes together, so that one hypercall does them. */
  readonly batch: number;
}

/** What became of a page: null when it arrived as it was sent. */
export type PageFault = Finding | 'wrong contents';

/** A split driver: rings for both ways between a frontend and the backend that has the device. */
export interface SplitDriver {
  /** Sends pages of the frontend through the device, in order. What became of each. */
  send(pfns: readonly Pfn[]): (PageFault | null)[];
  /** Pages with these contents come through the device: the frontend's frame of each, in use by its kernel, or what went wrong. */
  receive(stamps: readonly number[]): (Pfn | PageFault)[];
  close(): void;
}

/** Connects a frontend with its backend; a finding when the paths are not there for them. */
export const connectDriver = (ends: DriverEnds, paths: DriverPaths): SplitDriver | Finding => {
  const byGrants = paths.transmit !== 'name' && paths.receive !== 'name';
  const out = shareRing(ends, byGrants, 0);
  if (isFinding(out)) return out;
  const incoming = shareRing(ends, byGrants, 1);
  if (isFinding(incoming)) {
    out.close();
    return incoming;
  }
  const expected = new Map<number, number>();
  const transmit = transmitPath(ends, paths.transmit, (reference) => expected.get(reference)!);
  const receive = receivePath(ends, paths.receive);
  const sender = sending(ends, out, transmit, paths.batch, expected);
  const receiver = receiving(ends, incoming, receive, paths.batch);
  return {
    send: sender,
    receive: receiver,
    close() {
      transmit.close();
      receive.close();
      out.close();
      incoming.close();
    },
  };
};

const transmitPath = (
  ends: DriverEnds,
  kind: DriverPaths['transmit'],
  stampOf: (reference: number) => number,
): TransmitPath => {
  if (kind === 'copy') return copyTransmit(ends, stampOf);
  if (kind === 'persistent') return persistentTransmit(ends);
  if (kind === 'map') return mapTransmit(ends, nameByGrants(ends), reachByGrants(ends));
  return mapTransmit(ends, nameByFrame, reachByName(ends));
};

const receivePath = (ends: DriverEnds, kind: DriverPaths['receive']): ReceivePath => {
  if (kind === 'copy') return copyReceive(ends);
  if (kind === 'persistent') return persistentReceive(ends);
  if (kind === 'flip') return flipReceive(ends);
  if (kind === 'map') return mapReceive(ends, nameByGrants(ends), reachByGrants(ends));
  return mapReceive(ends, nameByFrame, reachByName(ends));
};

/** The next batch of requests of a ring. */
const takeBatch = (page: RingPage, limit: number): RingSlot[] => {
  const taken: RingSlot[] = [];
  while (taken.length < limit) {
    const slot = page.ring.takeRequest();
    if (slot === null) break;
    taken.push(slot);
  }
  if (taken.length > 0) page.backendTouches(taken.length, false);
  return taken;
};

/** Everything that the backend has answered. */
const takeResponses = (page: RingPage): RingSlot[] => {
  const taken: RingSlot[] = [];
  for (let slot = page.ring.takeResponse(); slot !== null; slot = page.ring.takeResponse()) taken.push(slot);
  if (taken.length > 0) page.frontendTouches(taken.length, false);
  return taken;
};

const sending = (
  { frontend }: DriverEnds,
  page: RingPage,
  path: TransmitPath,
  batch: number,
  expected: Map<number, number>,
): SplitDriver['send'] => {
  const { ring, channel } = page;
  let faults: (PageFault | null)[] = [];

  channel.end(1).handler = () => {
    for (let slots = takeBatch(page, batch); slots.length > 0; slots = takeBatch(page, batch)) {
      const fetched = path.fetch(slots.map(({ reference }) => reference));
      slots.forEach((slot, index) => {
        const contents = fetched[index];
        if (isFinding(contents)) faults[slot.id] = contents;
        else if (contents !== slot.stamp) faults[slot.id] = 'wrong contents';
        ring.putResponse(slot);
      });
      page.backendTouches(slots.length, true);
      if (ring.pushResponses()) channel.notify(1);
    }
  };

  channel.end(0).handler = () => {
    for (const { id, reference } of takeResponses(page)) {
      const refusal = path.retract(reference);
      faults[id] ??= refusal;
      expected.delete(reference);
    }
  };

  return (pfns) => {
    faults = pfns.map(() => null);
    let next = 0;
    while (next < pfns.length) {
      let put = 0;
      while (next < pfns.length && ring.freeSlots > 0) {
        const reference = path.offer(pfns[next]);
        if (isFinding(reference)) {
          faults[next] = reference;
        } else {
          const stamp = frontend.log.stamp(pfns[next]);
          expected.set(reference, stamp);
          ring.putRequest({ id: next, reference, stamp });
          put += 1;
        }
        next += 1;
      }
      if (put > 0) page.frontendTouches(put, true);
      if (ring.pushRequests()) channel.notify(0);
    }
    return faults;
  };
};

const receiving = (ends: DriverEnds, page: RingPage, path: ReceivePath, batch: number): SplitDriver['receive'] => {
  const { frontend, backend } = ends;
  const { ring, channel } = page;
  const nic = new Nic(backend);
  let arrived: (Pfn | PageFault)[] = [];
  let faults: (Finding | null)[] = [];
  let waiting: number[] = [];

  /** The device fills frames of the backend, and what was posted for them is served. */
  channel.end(1).handler = () => {
    for (let slots = takeBatch(page, batch); slots.length > 0; slots = takeBatch(page, batch)) {
      const locals = slots.map(() => backend.takeFreeFrame());
      const served = slots.filter((_, index) => locals[index] !== null);
      const filled = locals.filter((local) => local !== null);
      served.forEach(({ id }, index) => nic.receive(filled[index], waiting[id]));
      const results =
        served.length > 0
          ? path.deliver(
              served.map(({ reference }) => reference),
              filled,
            )
          : [];
      served.forEach(({ id }, index) => (faults[id] = results[index]));
      for (const [index, { id }] of slots.entries()) {
        if (locals[index] !== null) continue;
        faults[id] = refuse(backend, 'grant', 'free-frames', `${backend.name} has no frame free for the device`);
      }
      for (const slot of slots) ring.putResponse({ ...slot, stamp: waiting[slot.id] });
      page.backendTouches(slots.length, true);
      if (ring.pushResponses()) channel.notify(1);
    }
  };

  channel.end(0).handler = () => {
    for (const { id, reference, stamp } of takeResponses(page)) {
      const refusal = faults[id];
      if (refusal !== null) {
        path.withdraw(reference);
        arrived[id] = refusal;
        continue;
      }
      const pfn = path.collect(reference, stamp);
      arrived[id] = pfn;
      if (isFinding(pfn) || frontend.readKernel(pfn) === stamp) continue;
      frontend.giveBackFrame(pfn);
      arrived[id] = 'wrong contents';
    }
  };

  return (stamps) => {
    waiting = [...stamps];
    faults = stamps.map(() => null);
    arrived = [];
    let next = 0;
    while (next < stamps.length) {
      let put = 0;
      while (next < stamps.length && ring.freeSlots > 0) {
        const reference = path.post();
        if (isFinding(reference)) {
          arrived[next] = reference;
        } else {
          ring.putRequest({ id: next, reference, stamp: 0 });
          put += 1;
        }
        next += 1;
      }
      if (put > 0) page.frontendTouches(put, true);
      if (ring.pushRequests()) channel.notify(0);
    }
    return arrived;
  };
};
