import { armBalloon } from './arm-balloon.js';
import { armMemoryOverhead } from './arm-memory-overhead.js';
import { armPlacement } from './arm-placement.js';
import { dirtyRate } from './dirty-rate.js';
import type { Prediction } from './prediction.js';
import { x86MemoryOverhead } from './x86-memory-overhead.js';

/** Everything that states figures. To add a topic, write a file beside these and name it here. */
export const PREDICTIONS: readonly Prediction[] = [
  x86MemoryOverhead,
  armMemoryOverhead,
  armPlacement,
  armBalloon,
  dirtyRate,
];
