import { z } from 'zod';
import { quantity } from './check.js';
import { pointsSchema, shapeFields } from './value-shape.js';

/** The shape of a study's file, as a person writes it. What spans several fields is checked in study.ts. */

/** Used in file names, addresses and links. */
const id = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, { error: 'text of small letters, digits, "." and "-"' });
const text = z.string().trim().min(1);
const scalar = z.union([z.string(), z.number()], { error: 'a quantity' });
/** `suite/workload`, or the id of a user's file. */
const workloadId = z.string().min(1);

const roleSchema = z.strictObject({
  model: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.boolean()], { error: 'text, true or false' })).default({}),
  hypothetical: z.boolean().default(false),
});

const alternativeSchema = z.strictObject({
  id,
  title: text,
  short: text.optional(),
  description: text,
  roles: z.strictObject({
    control: roleSchema.optional(),
    driver: roleSchema.optional(),
    guest: roleSchema.optional(),
  }),
  given: z.record(z.string(), z.string()).optional(),
});

const workloadSchema = z.strictObject({ id: workloadId, parameters: z.record(z.string(), scalar).default({}) });

const gateSchema = z.strictObject({ id, title: text, workload: workloadId, operation: text, because: text });

const profileSchema = z.strictObject({
  id,
  title: text,
  because: text,
  /** Beside points by criterion only; the other ways to weigh have their own. */
  spread: z.number().min(0).max(1).optional(),
  /** See study-profiles.ts. */
  weights: z.unknown(),
  within: z.record(z.string(), z.unknown()).optional(),
  reasons: z.record(z.string(), text).default({}),
});

/** Points by criterion, each with its reason. */
export const reasonedPointsSchema = z.record(
  z.string(),
  z.strictObject({ points: z.number().min(0).max(100), because: text }),
);

const flipSchema = z.strictObject({ workload: workloadId, parameter: text, from: scalar, to: scalar });

const sweptSchema = z.union(
  [
    z.array(scalar).min(2),
    z.strictObject({
      from: scalar,
      to: scalar,
      steps: z.int().min(2).max(64),
      scale: z.enum(['linear', 'log']).optional(),
    }),
  ],
  { error: 'a list of two values or more, or {from, to, steps, scale} with 2 to 64 steps, linear or log' },
);

const sweepSchema = z.strictObject({
  id,
  workload: workloadId,
  because: text,
  parameters: z.record(z.string(), scalar).default({}),
  sweep: z.record(z.string(), sweptSchema),
  metrics: z.array(text).min(1),
});

export type WrittenSweep = z.output<typeof sweepSchema>;

export const studySchema = z.strictObject({
  id,
  title: text,
  question: text,
  description: text,
  platform: text,
  baseline: text,
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  draws: z.int().min(1).max(10_000).default(16),
  samples: z.int().min(1).max(1_048_576).default(4096),
  defaultProfile: text.optional(),
  alternatives: z.array(alternativeSchema).min(1),
  workloads: z.array(workloadSchema).min(1),
  gates: z.array(gateSchema).default([]),
  /** A tree: each node is checked on its own, see `criterionSchema` and `groupSchema`. */
  criteria: z.array(z.unknown()).min(1),
  profiles: z.array(profileSchema).min(1),
  flips: z.array(flipSchema).min(1).optional(),
  sweeps: z.array(sweepSchema).min(1).optional(),
});

/** A group that a profile weighs has an id. */
export const groupSchema = z.strictObject({ group: text, id: id.optional(), criteria: z.array(z.unknown()).min(1) });

export const criterionKinds = ['measured', 'capability', 'judged'] as const;

const common = { id, title: text, description: text, kind: z.enum(criterionKinds) };

/** Points, or a mapping that says a function by its ends. */
function valueSchema(unit: string, written: unknown) {
  return Array.isArray(written) || written === undefined
    ? pointsSchema(quantity(unit))
    : z.strictObject(shapeFields(quantity(unit)));
}

/** `written` is the value function as the file has it, by which its form is known. */
export function measuredSchema(unit: string, written: unknown) {
  const value = valueSchema(unit, written);
  return z.strictObject({ ...common, workload: workloadId, metric: text, unit: z.string(), value });
}

export const capabilitySchema = z.strictObject({ ...common, workload: workloadId, operation: text });

export function judgedSchema(unit: string, written: unknown) {
  const judgement = z.strictObject({
    low: quantity(unit),
    likely: quantity(unit),
    high: quantity(unit),
    because: text,
    source: text,
  });
  return z.strictObject({
    ...common,
    unit: z.string(),
    value: valueSchema(unit, written),
    judgements: z.record(z.string(), judgement),
  });
}
