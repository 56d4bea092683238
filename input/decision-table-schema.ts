import { z } from 'zod';
import { shapeFields } from './value-shape.js';

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
  ...shapeFields(figure),
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
