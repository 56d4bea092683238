import { directOnArm } from '../arm/direct.js';
import { placeOnPlainHost } from '../arm/plain-placement.js';
import type { Domain } from '../domain/domain.js';
import { directModel } from './direct.js';
import { hasIdentityStage } from './identity-stage.js';
import { insertModel } from './insert.js';
import type { MemoryModel, ModelId, ModelOptions } from './model.js';
import { nestedModel } from './nested.js';
import { p2mModel } from './p2m.js';
import { shadowModel } from './shadow.js';

type ModelFactory = (domain: Domain, options: ModelOptions) => MemoryModel;

/** Direct as the platform has it: bare, or behind a second stage, or that of a host that came up in a way of its own. */
const directHere: ModelFactory = (domain, options) => {
  const { boot, simulation } = domain.host;
  if (boot !== null) return boot.direct(domain, options);
  if (hasIdentityStage(simulation.platform)) return directOnArm(placeOnPlainHost, domain, options);
  return directModel(domain, options);
};

const FACTORIES = {
  direct: directHere,
  p2m: p2mModel,
  insert: insertModel,
  shadow: shadowModel,
  nested: nestedModel,
} satisfies Record<ModelId, ModelFactory>;

/** Ids of the memory models that the engine has. */
export const MODELS = Object.keys(FACTORIES) as ModelId[];

export const createModel: (domain: Domain, id: ModelId, options: ModelOptions) => MemoryModel = (domain, id, options) =>
  FACTORIES[id](domain, options);
