import type { Archive } from '../checkpoint/archive.js';
import { Nic } from '../devices/nic.js';
import { type Finding, isFinding } from '../finding.js';
import { refuse } from '../grants/resolve.js';
import type { Pfn } from '../host/frame-number.js';
import type { BackendPort } from './backend-port.js';
import { copyReceive, copyTransmit, passTransmit } from './copy-path.js';
import type { DriverEnds, OnwardPage, PathEnds, ReceivePath, TransmitPath } from './data-path.js';
import { devicePort } from './device-port.js';
import { flipReceive } from './flip-path.js';
import { mapReceive, mapTransmit, nameByFrame, nameByGrants, reachByGrants, reachByName } from './map-path.js';
import { persistentReceive, persistentTransmit } from './persistent-path.js';
import { receiving } from './receiving.js';
import { RingPage, shareRing } from './ring-page.js';
import { sending } from './sending.js';

/** How a split driver moves pages out and in. `name` is a trusted P==M backend's, which needs no grants. */
export interface DriverPaths {
  /** `pass` is a hybrid domain's: the grant is passed on, and the next backend copies. */
  readonly transmit: 'copy' | 'map' | 'persistent' | 'name' | 'pass';
  readonly receive: 'copy' | 'map' | 'persistent' | 'flip' | 'name';
  /** Requests that the backend takes together, so that one hypercall does them. */
  readonly batch: number;
  /** Bytes of each page that are used; by default all. */
  readonly bytes?: number;
  /** What the backend hands pages on to; by default a network device of 64-bit addresses without an IOMMU. */
  readonly port?: BackendPort;
  /** Whether the backend reads the start of each page that goes out. Network backends do, which is the default. */
  readonly headers?: boolean;
}

/** What became of a page: null when it arrived as it was sent. */
export type PageFault = Finding | 'wrong contents';

/** A split driver: rings for both ways between a frontend and the backend that has the device. */
export interface SplitDriver {
  /** Sends pages of the frontend through the device, in order. What became of each. */
  send(pfns: readonly Pfn[]): (PageFault | null)[];
  /** Frontend of a hybrid domain: sends pages of another domain that it was granted, without a copy of its own. */
  sendOnward(pages: readonly OnwardPage[]): (PageFault | null)[];
  /** Pages with these contents come through the device: the frontend's frame of each, in use by its kernel, or what went wrong. */
  receive(stamps: readonly number[]): (Pfn | PageFault)[];
  /** `gone`: the backend has crashed and its domain was taken down; the frontend cleans up alone. */
  close(gone?: boolean): void;
  /** Its rings and paths, for `checkpointDriver`. */
  readonly parts: DriverParts;
}

interface DriverParts {
  readonly out: RingPage;
  readonly incoming: RingPage;
  readonly transmit: TransmitPath;
  readonly receive: ReceivePath;
}

/** Connects a frontend with its backend; a finding when the paths are not there for them. */
export const connectDriver = (ends: DriverEnds, paths: DriverPaths): SplitDriver | Finding => {
  const byGrants = isByGrants(paths);
  const out = shareRing(ends, byGrants, 0);
  if (isFinding(out)) return out;
  const missing = missingOperation(ends, paths);
  if (missing !== null) {
    out.close(false);
    return missing;
  }
  const incoming = shareRing(ends, byGrants, 1);
  if (isFinding(incoming)) {
    out.close(false);
    return incoming;
  }
  return driverOver(ends, paths, out, incoming);
};

/** Both ends agree on a path only where the hypervisor has its operation, as a network driver asks before it announces `feature-rx-copy`. */
const missingOperation = ({ backend }: DriverEnds, { transmit, receive }: DriverPaths): Finding | null => {
  const rules = backend.host.simulation.platform.grants;
  if (rules === undefined) return null;
  if (!rules.copy && (transmit === 'copy' || transmit === 'pass' || receive === 'copy')) {
    return refuse(backend, 'copy grant', 'grant-copy', 'the hypervisor cannot copy granted pages');
  }
  if (rules.transfer || receive !== 'flip') return null;
  return refuse(backend, 'transfer', 'grant-transfer', 'the hypervisor cannot transfer frames');
};

/** A driver that somebody holds on to; on the way in `driver` is null. Ends and paths are those that it was connected with. */
export const checkpointDriver = (
  archive: Archive,
  ends: DriverEnds,
  paths: DriverPaths,
  driver: SplitDriver | null,
): SplitDriver => {
  const known = driver === null ? [] : [driver.parts.out, driver.parts.incoming];
  const [out, incoming] = archive.list('rings', known, (each, ring) =>
    RingPage.checkpoint(each, ends, isByGrants(paths), ring),
  );
  const made = driver ?? driverOver(ends, paths, out, incoming);
  archive.part('transmit', made.parts.transmit);
  archive.part('receive', made.parts.receive);
  return made;
};

const isByGrants = ({ transmit, receive }: DriverPaths): boolean => transmit !== 'name' && receive !== 'name';

const driverOver = (ends: DriverEnds, paths: DriverPaths, out: RingPage, incoming: RingPage): SplitDriver => {
  const { backend } = ends;
  const bytes = paths.bytes ?? backend.host.simulation.platform.pageBytes;
  const port = paths.port ?? devicePort(backend, new Nic(backend, null, bytes), false);
  const pathEnds: PathEnds = { ...ends, port, bytes, headers: paths.headers ?? true };
  const transmit = transmitPath(pathEnds, paths.transmit);
  const receive = receivePath(pathEnds, paths.receive);
  return {
    ...sending(ends, out, transmit, paths.batch),
    receive: receiving(pathEnds, incoming, receive, paths.batch),
    close(gone = false) {
      transmit.close(gone);
      receive.close(gone);
      out.close(gone);
      incoming.close(gone);
    },
    parts: { out, incoming, transmit, receive },
  };
};

const transmitPath = (ends: PathEnds, kind: DriverPaths['transmit']): TransmitPath => {
  if (kind === 'copy') return copyTransmit(ends);
  if (kind === 'pass') return passTransmit(ends);
  if (kind === 'persistent') return persistentTransmit(ends);
  if (kind === 'map') return mapTransmit(ends, nameByGrants(ends), reachByGrants(ends));
  return mapTransmit(ends, nameByFrame, reachByName(ends));
};

const receivePath = (ends: PathEnds, kind: DriverPaths['receive']): ReceivePath => {
  if (kind === 'copy') return copyReceive(ends);
  if (kind === 'persistent') return persistentReceive(ends);
  if (kind === 'flip') return flipReceive(ends);
  if (kind === 'map') return mapReceive(ends, nameByGrants(ends), reachByGrants(ends));
  return mapReceive(ends, nameByFrame, reachByName(ends));
};
