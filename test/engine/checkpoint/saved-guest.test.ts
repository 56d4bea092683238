import { describe, expect, it } from 'vitest';
import {
  type Archive,
  type SavedGuest,
  type Simulation,
  checkpointSavedGuest,
  isFinding,
  restoreCheckpoint,
  restoreDomain,
  saveCheckpoint,
  saveDomain,
} from '../../../engine/index.js';
import type { Program } from '../../../engine/index.js';
import { SCENES, goesOn, nothingIsWrong, setUp, writerIn } from '../operations/migration-scene.js';

const DISK = { diskBytesPerSecond: 6e7 };

/** A guest on disk, and what ran in it. */
interface Held {
  readonly saved: SavedGuest;
  readonly program: Program;
}

const checkpointHeld = (archive: Archive, held: Held | null): Held => {
  const program = held?.program ?? writerIn([...archive.simulation.hosts[0].domains.values()][0]);
  archive.part('program', program);
  return { program, saved: checkpointSavedGuest(archive, held?.saved ?? null) };
};

const bytesOf = (simulation: Simulation, held: Held): Uint8Array =>
  saveCheckpoint(simulation, (archive) => void checkpointHeld(archive, held));

/** Brings the guest back and lets it run. */
const comeBack = (simulation: Simulation, { saved, program }: Held): Uint8Array => {
  const [host] = simulation.hosts;
  const restored = restoreDomain(saved, { control: [...host.domains.values()][0], ...DISK });
  if (isFinding(restored)) throw new Error(restored.detail);
  goesOn(simulation, program);
  nothingIsWrong(restored.guest, simulation.hosts);
  return saveCheckpoint(simulation, (archive) => archive.part('program', program));
};

describe('a guest on disk', () => {
  it.each(SCENES)('comes back after a checkpoint as it does without one ($title)', ({ variant, platform }) => {
    const { simulation, control, running } = setUp(variant, 1, platform);
    const [{ guest, program }] = running;
    goesOn(simulation, program);
    const saved = saveDomain({ guest, program, control, ...DISK, keepsFrames: true });
    if (isFinding(saved)) throw new Error(saved.detail);
    const held = { saved, program };
    const bytes = bytesOf(simulation, held);
    let copy: Held | null = null;
    const restored = restoreCheckpoint(bytes, {
      platform,
      own(archive) {
        copy = checkpointHeld(archive, null);
      },
    });
    expect(Buffer.compare(bytesOf(restored, copy!), bytes)).toBe(0);
    expect(Buffer.compare(comeBack(restored, copy!), comeBack(simulation, held))).toBe(0);
  });
});
