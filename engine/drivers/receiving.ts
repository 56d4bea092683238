import { type Finding, isFinding } from '../finding.js';
import type { Pfn } from '../host/frame-number.js';
import type { PathEnds, ReceivePath } from './data-path.js';
import type { RingSlot } from './ring.js';
import { type RingPage, takeBatch, takeResponses } from './ring-page.js';
import type { PageFault, SplitDriver } from './split-driver.js';

/** What comes in fills frames of the backend, and goes from there to what was posted. */
const throughOwnFrames = ({ port }: PathEnds, path: ReceivePath, slots: readonly RingSlot[]): (Finding | null)[] => {
  const came = port.receive(slots.map(({ stamp }) => stamp));
  const served = slots.filter((_, index) => !isFinding(came[index]));
  const references = served.map(({ reference }) => reference);
  const locals = came.filter((local): local is Pfn => !isFinding(local));
  const results = served.length > 0 ? path.deliver(references, locals) : [];
  let next = 0;
  return came.map((local) => {
    if (isFinding(local)) return local;
    next += 1;
    return results[next - 1];
  });
};

/** The way in: what the frontend posts, the backend that fills it, and the responses. */
export const receiving = (ends: PathEnds, page: RingPage, path: ReceivePath, batch: number): SplitDriver['receive'] => {
  const { frontend, port } = ends;
  const { host } = frontend;
  const { ring, channel } = page;
  let arrived: (Pfn | PageFault)[] = [];
  let faults: (Finding | null)[] = [];
  let waiting: number[] = [];

  channel.end(1).handler = () => {
    for (let taken = takeBatch(page, batch); taken.length > 0; taken = takeBatch(page, batch)) {
      const slots = taken.map((slot) => ({ ...slot, stamp: waiting[slot.id] }));
      const results =
        port.knowsTarget && path.deliverInto !== undefined
          ? path.deliverInto(slots)
          : throughOwnFrames(ends, path, slots);
      slots.forEach((slot, index) => {
        faults[slot.id] = results[index];
        ring.putResponse(slot);
      });
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
      if (!isFinding(pfn)) host.memoryWatch?.touched(frontend, frontend.model.machineFrame(pfn), ends.bytes, false);
      if (isFinding(pfn) || frontend.readKernel(pfn) === stamp) continue;
      frontend.free.giveBack(pfn);
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
      for (const reference of path.post(Math.min(stamps.length - next, ring.freeSlots))) {
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
