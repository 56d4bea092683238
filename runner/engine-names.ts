import { MODELS, eventsIn } from '../engine/index.js';
import type { EngineNames } from '../input/platform.js';

/** Models that a platform's file may name before the engine has them: a study that asks for one is refused. */
const COMING = ['nested'];

/** What a platform has to give a cost for, and may name. */
export const ENGINE_NAMES: EngineNames = { events: eventsIn, models: [...new Set([...MODELS, ...COMING])] };
