import { armBalloon } from './arm-balloon.js';
import { armDma } from './arm-dma.js';
import { armMemoryOverhead } from './arm-memory-overhead.js';
import { armPlacement } from './arm-placement.js';
import { armRefusals } from './arm-refusals.js';
import { dirtyRate } from './dirty-rate.js';
import { foreignMaps } from './foreign-maps.js';
import { grants } from './grants.js';
import { nestedProcesses } from './nested-processes.js';
import { numa } from './numa.js';
import { p2mProcesses } from './p2m-processes.js';
import type { Prediction } from './prediction.js';
import { shadowProcesses } from './shadow-processes.js';
import { queuedRequests } from './queued-requests.js';
import { splitDrivers } from './split-drivers.js';
import { virtioBalloon } from './virtio-balloon.js';
import { walkReferences } from './walk-references.js';
import { x86Balloon } from './x86-balloon.js';
import { x86MemoryOverhead } from './x86-memory-overhead.js';
import { x86Migration } from './x86-migration.js';

/** Everything that states figures. To add a topic, write a file beside these and name it here. */
export const PREDICTIONS: readonly Prediction[] = [
  x86MemoryOverhead,
  p2mProcesses,
  shadowProcesses,
  nestedProcesses,
  x86Balloon,
  virtioBalloon,
  x86Migration,
  armMemoryOverhead,
  armPlacement,
  armBalloon,
  armRefusals,
  grants,
  armDma,
  dirtyRate,
  foreignMaps,
  walkReferences,
  queuedRequests,
  splitDrivers,
  numa,
];
