import { z } from 'zod';
import { quantity } from './check.js';

/** What settings of a platform are made of. */

const text = z.string().trim().min(1);

/** What every stated figure says of itself. */
export const stated = { title: text, source: text, assumed: z.boolean().default(false) };

export function setting<T extends z.ZodType>(value: T) {
  return z.strictObject({ ...stated, value });
}

export const positive = (unit: string) =>
  quantity(unit).check((context) => {
    if (context.value > 0) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: 'is zero',
      params: { code: 'out-of-range', expected: 'more than zero' },
    });
  });

export const whole = z
  .int()
  .min(1)
  .max(2 ** 31);
export const count = z
  .int()
  .min(0)
  .max(2 ** 31);
