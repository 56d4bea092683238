import { expect } from 'vitest';
import { type Archive, type Domain, restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import { ForeignMapping } from '../../../engine/domain/foreign-mapping.js';
import { GrantMapping } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { ProcessTable } from '../../../engine/linux/process-table.js';
import { startLinux } from '../../../engine/linux/start-linux.js';
import type { WorldStep } from './step.js';
import type { Guest, World } from './world.js';

/** A domain as the restored simulation has it; one that is gone stays what it was, and is nobody's any more. */
const restoredIn =
  ({ simulation }: Archive, world: World) =>
  (domain: Domain): Domain =>
    simulation.hosts[world.host.simulation.hosts.indexOf(domain.host)]?.domains.get(domain.id) ?? domain;

const checkpointLinux = (archive: Archive, { grants: { kernels } }: World, { domain, linux }: Guest): void => {
  if (linux === null) return;
  if (archive.reading) {
    const { hugePages, grants } = linux.kernel;
    linux.kernel = startLinux(domain, { hugePages, restored: true });
    if (grants !== null) linux.kernel.grants = kernels.get(domain)!;
    linux.table = new ProcessTable(linux.kernel);
  }
  archive.part('kernel', linux.kernel);
  archive.part('processes', linux.table);
};

const checkpointDevice = (archive: Archive, { reference: { device } }: Guest): void => {
  if (device === null) return;
  [device.device] = archive.tracked('device', [device.device]);
  const held = device.mappings.map(({ mapping }) => mapping);
  const mappings = archive.tracked('buffers', held);
  device.mappings.forEach((each, index) => (each.mapping = mappings[index]));
};

/** What the world holds of the engine beside hosts and domains. On the way in it takes what was restored in its place. */
const checkpointWorld =
  (world: World) =>
  (archive: Archive): void => {
    const { guests, lent, grants } = world;
    const present = guests.filter((guest) => guest !== null);
    const kernels = [...grants.kernels];
    if (archive.reading) {
      const restored = restoredIn(archive, world);
      grants.kernels.clear();
      for (const [domain] of kernels) grants.kernels.set(restored(domain), GrantReferences.restored(restored(domain)));
      for (const guest of [...present, world.controlGuest]) guest.domain = restored(guest.domain);
      for (const grant of grants.all) grant.to = restored(grant.to);
      world.otherControl = restored(world.otherControl);
      world.control = restored(world.control);
      [world.host] = archive.simulation.hosts;
      const [strict, deferred] = world.host.dma.iommus;
      world.iommus = { strict, deferred };
    }
    [...grants.kernels.values()].forEach((each, index) => archive.part(`references ${index}`, each));
    const mappings = archive.list(
      'lent',
      lent.map(({ mapping }) => mapping),
      (each, mapping) => ForeignMapping.checkpoint(each, mapping),
    );
    lent.forEach((each, index) => (each.mapping = mappings[index]));
    const granted = archive.list(
      'granted',
      grants.mapped.map(({ mapping }) => mapping),
      (each, mapping) => GrantMapping.checkpoint(each, mapping),
    );
    grants.mapped.forEach((each, index) => (each.mapping = granted[index]));
    present.forEach((guest, index) =>
      archive.part(`guest ${index}`, {
        checkpoint(each) {
          checkpointLinux(each, world, guest);
          checkpointDevice(each, guest);
        },
      }),
    );
  };

/** All of a world, but for the reference, as bytes. */
export const savedWorld = (world: World): Uint8Array => saveCheckpoint(world.host.simulation, checkpointWorld(world));

/** The world stops, and one that comes out of its checkpoint goes on in its place; it would save the same bytes. */
const saveAndRestore: WorldStep = (world) => {
  const stopped = world.host;
  const { simulation } = stopped;
  const bytes = savedWorld(world);
  restoreCheckpoint(bytes, { platform: simulation.platform, own: checkpointWorld(world) });
  expect(world.host).not.toBe(stopped);
  expect(Buffer.compare(savedWorld(world), bytes)).toBe(0);
};

/** All is saved and goes on restored. */
export const CHECKPOINT_STEPS: Readonly<Record<string, WorldStep>> = { 'save and restore': saveAndRestore };
