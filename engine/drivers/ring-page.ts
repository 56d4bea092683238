import type { Archive } from '../checkpoint/archive.js';
import { ForeignMapping } from '../domain/foreign-mapping.js';
import type { Domain } from '../domain/domain.js';
import { type Finding, isFinding } from '../finding.js';
import { GrantMapping } from '../grants/grant-mapping.js';
import { refuse } from '../grants/resolve.js';
import { Event, Mechanism } from '../host/events.js';
import { type Pfn, asPfn } from '../host/frame-number.js';
import { type DriverEnds, windowPage } from './data-path.js';
import { EventChannel } from './event-channel.js';
import { type Naming, type Reached, nameByFrame, nameByGrants, reachByGrants, reachByName } from './map-path.js';
import { Ring, type RingSlot, ringSlots } from './ring.js';

/** Bytes of a request or a response: that of a network driver (Xen's io/netif.h). */
const SLOT_BYTES = 12;

/** What two domains share a ring in: the frontend's page, what names it to the backend, and the backend's mapping. */
interface SharedPage {
  readonly pfn: Pfn;
  readonly reference: number;
  readonly naming: Naming;
  readonly mapping: Reached;
}

/** A ring in a page of the frontend that its backend has mapped, with the event channel that goes with it. */
export class RingPage {
  readonly ring: Ring;
  readonly channel: EventChannel;
  readonly #ends: DriverEnds;
  readonly #shared: SharedPage;

  constructor(ends: DriverEnds, shared: SharedPage) {
    const { frontend, backend } = ends;
    this.ring = new Ring(ringSlots(frontend.host.simulation.platform.pageBytes, SLOT_BYTES));
    this.channel = new EventChannel(frontend, backend);
    this.#ends = ends;
    this.#shared = shared;
  }

  /** The frontend writes or reads the page: slots and indices. */
  frontendTouches(slots: number, write: boolean): void {
    const { frontend } = this.#ends;
    frontend.account.charge(Mechanism.rings, Event.ringEntry, slots);
    this.#tell(frontend, slots, write);
    if (write) frontend.writeKernel(this.#shared.pfn);
    else frontend.readKernel(this.#shared.pfn);
  }

  backendTouches(slots: number, write: boolean): void {
    const { frontend, backend } = this.#ends;
    const { pfn, mapping } = this.#shared;
    backend.account.charge(Mechanism.rings, Event.ringEntry, slots);
    this.#tell(backend, slots, write);
    if (!write) {
      mapping.read(0);
      return;
    }
    const stamp = frontend.host.simulation.nextStamp();
    mapping.write(0, stamp);
    frontend.log.wrote(pfn, stamp);
  }

  #tell(by: Domain, slots: number, write: boolean): void {
    const { frontend } = this.#ends;
    by.host.memoryWatch?.touched(by, frontend.model.machineFrame(this.#shared.pfn), slots * SLOT_BYTES, write);
  }

  /** `gone`: the backend has crashed and what it had mapped is released. */
  close(gone: boolean): void {
    const { pfn, reference, naming, mapping } = this.#shared;
    if (!gone) mapping.unmap();
    naming.end(reference);
    this.#ends.frontend.free.giveBack(pfn);
  }

  /** The ring of a driver that somebody holds on to; on the way in `page` is null. */
  static checkpoint(archive: Archive, ends: DriverEnds, byGrants: boolean, page: RingPage | null): RingPage {
    const shared = page === null ? null : page.#shared;
    const naming = shared?.naming ?? namingOf(ends, byGrants);
    archive.part('naming', naming);
    const pfn = archive.value('pfn', shared?.pfn ?? asPfn(0));
    const reference = archive.value('reference', shared?.reference ?? 0);
    const mapping = checkpointReached(archive, byGrants, shared?.mapping ?? null);
    const made = page ?? new RingPage(ends, { pfn, reference, naming, mapping });
    archive.part('ring', made.ring);
    archive.part('channel', made.channel);
    return made;
  }
}

const namingOf = (ends: DriverEnds, byGrants: boolean): Naming => (byGrants ? nameByGrants(ends) : nameByFrame);

const checkpointReached = (archive: Archive, byGrants: boolean, mapping: Reached | null): Reached =>
  byGrants
    ? GrantMapping.checkpoint(archive, mapping instanceof GrantMapping ? mapping : null)
    : ForeignMapping.checkpoint(archive, mapping instanceof ForeignMapping ? mapping : null);

/** Shares a ring: by a grant where the hypervisor can map it, else by name. `page` is its place in the driver's window. */
export const shareRing = (ends: DriverEnds, byGrants: boolean, page: number): RingPage | Finding => {
  const { frontend } = ends;
  const pfn = frontend.free.take();
  if (pfn === null) return refuse(frontend, 'grant', 'free-frames', `${frontend.name} has no frame free for a ring`);
  const naming = namingOf(ends, byGrants);
  const reference = naming.offer(pfn, 'write');
  const mapping = isFinding(reference)
    ? reference
    : (byGrants ? reachByGrants : reachByName)(ends)([reference], true, windowPage(ends, page));
  if (!isFinding(reference) && !isFinding(mapping)) return new RingPage(ends, { pfn, reference, naming, mapping });
  if (!isFinding(reference)) naming.end(reference);
  frontend.free.giveBack(pfn);
  return isFinding(reference) ? reference : (mapping as Finding);
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
