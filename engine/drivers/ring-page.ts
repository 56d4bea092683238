import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import { Event, Mechanism } from '../host/events.js';
import { type DriverEnds, windowPage } from './data-path.js';
import { EventChannel } from './event-channel.js';
import { nameByFrame, nameByGrants, reachByGrants, reachByName } from './map-path.js';
import { Ring, type RingSlot, ringSlots } from './ring.js';

/** Bytes of a request or a response: that of a network driver (Xen's io/netif.h). */
const SLOT_BYTES = 12;

/** A ring in a page of the frontend that its backend has mapped, with the event channel that goes with it. */
export interface RingPage {
  readonly ring: Ring;
  readonly channel: EventChannel;
  /** The frontend writes or reads the page: slots and indices. */
  readonly frontendTouches: (slots: number, write: boolean) => void;
  readonly backendTouches: (slots: number, write: boolean) => void;
  /** `gone`: the backend has crashed and what it had mapped is released. */
  close(gone: boolean): void;
}

/** Shares a ring: by a grant where the hypervisor can map it, else by name. `page` is its place in the driver's window. */
export const shareRing = (ends: DriverEnds, byGrants: boolean, page: number): RingPage | Finding => {
  const { frontend, backend } = ends;
  const pfn = frontend.takeFreeFrame();
  if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free for a ring`);
  const naming = byGrants ? nameByGrants(ends) : nameByFrame;
  const reference = naming.offer(pfn, 'write');
  const mapping = isFinding(reference)
    ? reference
    : (byGrants ? reachByGrants : reachByName)(ends)([reference], true, windowPage(ends, page));
  if (isFinding(reference) || isFinding(mapping)) {
    if (!isFinding(reference)) naming.end(reference);
    frontend.giveBackFrame(pfn);
    return isFinding(reference) ? reference : (mapping as Finding);
  }
  const { simulation } = frontend.host;
  return {
    ring: new Ring(ringSlots(simulation.platform.pageBytes, SLOT_BYTES)),
    channel: new EventChannel(frontend, backend),

    frontendTouches(slots, write) {
      frontend.account.charge(Mechanism.rings, Event.ringEntry, slots);
      if (write) frontend.writeKernel(pfn);
      else frontend.readKernel(pfn);
    },

    backendTouches(slots, write) {
      backend.account.charge(Mechanism.rings, Event.ringEntry, slots);
      if (!write) {
        mapping.read(0);
        return;
      }
      const stamp = simulation.nextStamp();
      mapping.write(0, stamp);
      frontend.log.wrote(pfn, stamp);
    },

    close(gone) {
      if (!gone) mapping.unmap();
      naming.end(reference);
      frontend.giveBackFrame(pfn);
    },
  };
};

/** The next batch of requests of a ring, as the backend takes it. */
export const takeBatch = (page: RingPage, limit: number): RingSlot[] => {
  const taken: RingSlot[] = [];
  while (taken.length < limit) {
    const slot = page.ring.takeRequest();
    if (slot === null) break;
    taken.push(slot);
  }
  if (taken.length > 0) page.backendTouches(taken.length, false);
  return taken;
};

/** Everything that the backend has answered, as the frontend takes it. */
export const takeResponses = (page: RingPage): RingSlot[] => {
  const taken: RingSlot[] = [];
  for (let slot = page.ring.takeResponse(); slot !== null; slot = page.ring.takeResponse()) taken.push(slot);
  if (taken.length > 0) page.frontendTouches(taken.length, false);
  return taken;
};
