import { z } from 'zod';

/** The shape of a decision table's file, as a person writes it. What spans several fields is checked in decision-table.ts. */

const text = z.string().trim().min(1);
const id = text.regex(/^(?!__proto__$)[^\p{Cc}]*$/u, { error: 'text on one line' });
const figure = z.number();

const range = z.strictObject({ low: figure, likely: figure, high: figure });

const alternative = z.union([id, z.strictObject({ id, title: text.optional() })], {
  error: 'an id, or a mapping with "id" and "title"',
});

/** A tree: each node is checked on its own, see `nodeSchema`. */
export const tableSchema = z.strictObject({
  title: text,
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  samples: z.int().min(1).max(1_048_576).default(16_384),
  alternatives: z.array(alternative).min(1),
  criteria: z.array(z.unknown()).min(1),
  gates: z.array(z.unknown()).default([]),
  profiles: z.array(z.unknown()).min(1),
});

export const groupSchema = z.strictObject({
  group: id,
  title: text.optional(),
  criteria: z.array(z.unknown()).min(1),
});

export const criterionSchema = z.strictObject({
  id,
  title: text.optional(),
  kind: z.enum(['measured', 'judged']).default('measured'),
  unit: z.string().default(''),
  better: z.enum(['higher', 'lower']).optional(),
  worst: figure.optional(),
  best: figure.optional(),
  half: figure.optional(),
  points: z
    .array(z.strictObject({ at: figure, value: z.number().min(0).max(1) }))
    .min(2)
    .optional(),
  figures: z.record(
    z.string(),
    z.union([figure, range, z.null()], { error: 'a number, {low, likely, high}, or nothing' }),
  ),
});

export const gateSchema = z.strictObject({
  id,
  title: text.optional(),
  criterion: text.optional(),
  atLeast: figure.optional(),
  atMost: figure.optional(),
  fails: z.record(z.string(), text).optional(),
});

export const profileSchema = z.strictObject({
  id,
  title: text.optional(),
  weights: z.unknown(),
  within: z.record(z.string(), z.unknown()).default({}),
});

const share = z.number().min(0);

/** Exactly one of the ways in `weightingKinds`. */
export const weightingSchema = z.strictObject({
  points: z.record(z.string(), share.max(100)).optional(),
  ranges: z.record(z.string(), z.strictObject({ low: share, likely: share, high: share })).optional(),
  order: z
    .array(z.union([text, z.array(text).min(1)], { error: 'an id, or a list of ids that share the place' }))
    .min(1)
    .optional(),
  swing: z.record(z.string(), share.max(100)).optional(),
  pairwise: z
    .array(z.tuple([text, text, z.number().positive()], { error: '[one, other, how many times as much]' }))
    .optional(),
  unknown: z.literal(true).optional(),
  spread: z.number().min(0).max(1).optional(),
  randomIndex: z.enum(['Saaty 1980', 'Saaty 2005', 'Donegan and Dodd 1991']).optional(),
});

export const weightingKinds = ['points', 'ranges', 'order', 'swing', 'pairwise', 'unknown'] as const;
