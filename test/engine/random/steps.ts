import fc from 'fast-check';
import { BALLOON_STEPS } from './balloon-steps.js';
import { FOREIGN_STEPS } from './foreign-steps.js';
import { CHECKPOINT_STEPS } from './checkpoint-steps.js';
import { DEVICE_MEMORY_STEPS, TIME_STEPS } from './device-memory-steps.js';
import { DMA_STEPS, GRANTED_DMA_STEPS, spareTables } from './dma-steps.js';
import { GRANT_DEVICE_STEPS } from './grant-device-steps.js';
import { GRANT_STEPS } from './grant-steps.js';
import { LIFE_STEPS } from './life-steps.js';
import { LINUX_STEPS } from './linux-steps.js';
import { LOG_DIRTY_STEPS } from './log-dirty-steps.js';
import { MEMORY_STEPS } from './memory-steps.js';
import { DISK_STEPS, MIGRATION_STEPS, POST_COPY_STEPS } from './migration-steps.js';
import { MOVEMENT_OF_WORLD, MOVEMENT_STEPS } from './movement-steps.js';
import { NODE_STEPS } from './node-steps.js';
import { OVERCOMMIT_OF_WORLD, OVERCOMMIT_STEPS } from './overcommit-steps.js';
import type { GuestStep, WorldStep } from './step.js';
import type { World } from './world.js';

/** Every operation, by name. To add some, write a file beside these and name it here. */
const GUEST_STEPS: Readonly<Record<string, GuestStep>> = {
  ...MEMORY_STEPS,
  ...BALLOON_STEPS,
  ...LOG_DIRTY_STEPS,
  ...MIGRATION_STEPS,
  ...MOVEMENT_STEPS,
  ...OVERCOMMIT_STEPS,
  ...DMA_STEPS,
  ...DEVICE_MEMORY_STEPS,
  ...LINUX_STEPS,
  ...GRANT_DEVICE_STEPS,
  ...GRANTED_DMA_STEPS,
  ...DISK_STEPS,
  ...NODE_STEPS,
  ...POST_COPY_STEPS,
};
const WORLD_STEPS: Readonly<Record<string, WorldStep>> = {
  ...LIFE_STEPS,
  ...FOREIGN_STEPS,
  ...MOVEMENT_OF_WORLD,
  ...OVERCOMMIT_OF_WORLD,
  ...GRANT_STEPS,
  ...TIME_STEPS,
  ...CHECKPOINT_STEPS,
};

/** What shakes a whole domain or host comes a quarter as often as others, so that they leave something for it to shake. */
const RARE: ReadonlySet<string> = new Set([
  'migrate there and back',
  'post-copy there and back',
  'to disk and back',
  'unplug and back',
  'crash and restart',
  'destroy',
  'build on demand',
  'save and restore',
]);

/** What leads nowhere without others of these comes three times as often: a device, a pool, buffers, and what it does with them. */
const OFTEN: ReadonlySet<string> = new Set([
  'assign device',
  'make a bounce pool',
  'map for DMA',
  'map granted for DMA',
  'device writes',
  'device reads',
]);

const weightOf = (kind: string): number => (RARE.has(kind) ? 1 : OFTEN.has(kind) ? 12 : 4);

const ALL = [...Object.keys(GUEST_STEPS), ...Object.keys(WORLD_STEPS)];

/** Every kind of step, each as often as it should come. */
export const KINDS = ALL.flatMap((kind) => Array<string>(weightOf(kind)).fill(kind));

/** Kinds that runs which look for a planted fault in moments do without. */
const OF_LONG_RUNS = new Set(
  [
    LINUX_STEPS,
    GRANT_DEVICE_STEPS,
    DEVICE_MEMORY_STEPS,
    GRANTED_DMA_STEPS,
    DISK_STEPS,
    NODE_STEPS,
    POST_COPY_STEPS,
    TIME_STEPS,
    CHECKPOINT_STEPS,
  ].flatMap(Object.keys),
);

/** Those that leave processes out, and what else needs long runs. */
export const KINDS_WITHOUT_PROCESSES = ALL.filter((kind) => !OF_LONG_RUNS.has(kind)).flatMap((kind) =>
  Array<string>(RARE.has(kind) ? 1 : 4).fill(kind),
);

export interface Step {
  readonly kind: string;
  readonly guest: number;
  readonly page: number;
  readonly place: number;
}

/** A step; pages are below 12, places below 5. */
export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  guest: fc.nat(2),
  page: fc.nat(11),
  place: fc.nat(4),
});

/**
 * Does one step in the engine and in the reference. With `thorough`, the contents of all the guest's frames are compared
 * with those before: nothing else may have changed.
 */
export const take = (world: World, { kind, guest: number, page, place }: Step, thorough: boolean): void => {
  spareTables(world);
  const ofWorld = WORLD_STEPS[kind];
  if (ofWorld !== undefined) {
    ofWorld(world, number, page);
    return;
  }
  const guest = world.guests[number];
  if (guest === null || guest.isDown) return;
  const before = thorough ? world.contents(guest) : null;
  const written = GUEST_STEPS[kind](world, guest, page, place);
  if (before !== null) world.expectWritten(guest, before, written);
};
