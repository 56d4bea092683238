import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import type { Pfn } from '../host/frame-number.js';
import type { DriverEnds, OnwardPage, TransmitPath } from './data-path.js';
import { type RingPage, takeBatch, takeResponses } from './ring-page.js';
import type { PageFault, SplitDriver } from './split-driver.js';

/** The way out: the frontend's requests, the backend that serves them, and the responses. */
export const sending = (
  { frontend }: DriverEnds,
  page: RingPage,
  path: TransmitPath,
  batch: number,
): Pick<SplitDriver, 'send' | 'sendOnward'> => {
  const { ring, channel } = page;
  let faults: (PageFault | null)[] = [];

  channel.end(1).handler = () => {
    for (let slots = takeBatch(page, batch); slots.length > 0; slots = takeBatch(page, batch)) {
      const fetched = path.fetch(slots);
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
    }
  };

  /** Puts requests as long as there is room, tells the backend, and goes on. */
  const sendAll = <Page>(
    pages: readonly Page[],
    offer: (each: Page) => number | Finding,
    stampOf: (each: Page) => number,
  ): (PageFault | null)[] => {
    faults = pages.map(() => null);
    let next = 0;
    while (next < pages.length) {
      let put = 0;
      while (next < pages.length && ring.freeSlots > 0) {
        const reference = offer(pages[next]);
        if (isFinding(reference)) {
          faults[next] = reference;
        } else {
          ring.putRequest({ id: next, reference, stamp: stampOf(pages[next]) });
          put += 1;
        }
        next += 1;
      }
      if (put > 0) page.frontendTouches(put, true);
      if (ring.pushRequests()) channel.notify(0);
    }
    return faults;
  };

  return {
    send: (pfns: readonly Pfn[]) =>
      sendAll(
        pfns,
        (pfn) => path.offer(pfn),
        (pfn) => frontend.log.stamp(pfn),
      ),
    sendOnward: (pages: readonly OnwardPage[]) =>
      sendAll(
        pages,
        (each) =>
          path.offerOnward?.(each) ??
          refuse(frontend, 'grant', 'own-memory', `${frontend.name} offers only pages that are its own this way`),
        ({ stamp }) => stamp,
      ),
  };
};
