import { z } from 'zod';

const text = z.string().trim().min(1);
const share = z.number().min(0);

export const weightingKinds = ['points', 'ranges', 'order', 'swing', 'pairwise', 'unknown'] as const;

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
