import { type Archive, type Domain, isFinding } from '../../../engine/index.js';
import { Nic } from '../../../engine/devices/nic.js';
import type { DriverEnds } from '../../../engine/drivers/data-path.js';
import { devicePort } from '../../../engine/drivers/device-port.js';
import {
  type DriverPaths,
  type SplitDriver,
  checkpointDriver,
  connectDriver,
} from '../../../engine/drivers/split-driver.js';
import type { GrantReferences } from '../../../engine/grants/grant-references.js';
import { referencesOf } from './grant-steps.js';
import type { SceneStep } from './scene.js';

const TRANSMIT = ['copy', 'map', 'persistent', 'name'] as const;
const RECEIVE = ['persistent', 'flip', 'map', 'copy', 'name'] as const;

/** What a driver of the scene was connected with: what can be said of its paths, and its window. */
interface Connection {
  readonly transmit: DriverPaths['transmit'];
  readonly receive: DriverPaths['receive'];
  readonly knowsTarget: boolean;
  readonly window: number;
}

/** A guest's driver, with the control domain behind it. */
export interface ConnectedDriver {
  readonly driver: SplitDriver;
  readonly connection: Connection;
}

const pathsOf = (backend: Domain, { transmit, receive, knowsTarget }: Connection): DriverPaths => ({
  transmit,
  receive,
  batch: 3,
  port: devicePort(backend, new Nic(backend), knowsTarget),
});

const endsOf = (
  frontend: Domain,
  references: GrantReferences,
  backend: Domain,
  { window }: Connection,
): DriverEnds => ({ frontend, references, backend, window });

/** The driver of a guest in both directions, when its grant references have been made. */
export const checkpointConnected = (
  archive: Archive,
  frontend: Domain,
  references: GrantReferences,
  backend: Domain,
  connected: ConnectedDriver | null,
): ConnectedDriver => {
  const connection = archive.data('connection', connected?.connection ?? null)!;
  const ends = endsOf(frontend, references, backend, connection);
  const driver = checkpointDriver(archive, ends, pathsOf(backend, connection), connected?.driver ?? null);
  return { driver, connection };
};

/** Drivers of every path, that move pages with what they kept from before. */
export const DRIVER_STEPS: Readonly<Record<string, SceneStep>> = {
  connect(scene, guest, page, number) {
    const references = referencesOf(guest);
    if (references === null || guest.connected !== null) return;
    const connection: Connection = {
      transmit: TRANSMIT[page % TRANSMIT.length],
      receive: RECEIVE[page % RECEIVE.length],
      knowsTarget: page % 3 === 0,
      window: 1 + number,
    };
    const backend = scene.controlOf(guest.domain.host);
    const ends = endsOf(guest.domain, references, backend, connection);
    const driver = connectDriver(ends, pathsOf(backend, connection));
    if (!isFinding(driver)) guest.connected = { driver, connection };
  },
  disconnect(_scene, guest, page) {
    if (page > 3) return;
    guest.connected?.driver.close();
    guest.connected = null;
  },
  send(_scene, { domain, connected }, page) {
    if (connected === null) return;
    const pfns = Array.from({ length: 1 + (page % 5) }, () => domain.free.take()).filter((pfn) => pfn !== null);
    for (const pfn of pfns) domain.writeKernel(pfn);
    connected.driver.send(pfns);
    for (const pfn of pfns) domain.free.giveBack(pfn);
  },
  receive({ simulation }, { domain, connected }, page) {
    if (connected === null) return;
    const stamps = Array.from({ length: 1 + (page % 5) }, () => simulation.nextStamp());
    for (const came of connected.driver.receive(stamps)) if (typeof came === 'number') domain.free.giveBack(came);
  },
};
