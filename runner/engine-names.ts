import { MODELS, eventsIn } from '../engine/index.js';
import type { EngineNames } from '../input/platform.js';

/** What a platform has to give a cost for, and may name. */
export const ENGINE_NAMES: EngineNames = { events: eventsIn, models: MODELS };
