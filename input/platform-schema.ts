import { z } from 'zod';
import { quantity } from './check.js';

/** The shape of a platform's file, as a person writes it. What spans several fields is checked in platform.ts. */

const text = z.string().trim().min(1);
const stated = { title: text, source: text, assumed: z.boolean().default(false) };

function setting<T extends z.ZodType>(value: T) {
  return z.strictObject({ ...stated, value });
}

const positive = (unit: string) =>
  quantity(unit).check((context) => {
    if (context.value > 0) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: 'is zero',
      params: { code: 'out-of-range', expected: 'more than zero' },
    });
  });

const whole = z
  .int()
  .min(1)
  .max(2 ** 31);

/** Sizes in bytes, rates in bit/s, times in ns, frequencies in Hz. */
const settingsSchema = z.strictObject({
  pageSize: setting(positive('B')),
  banks: setting(z.array(z.string()).min(1)),
  hypervisorMemory: setting(quantity('B')),
  controlDomainMemory: setting(positive('B')),
  kernelGranule: setting(positive('B')),
  tlbEntries: setting(whole),
  vhptEntries: setting(whole),
  insertClip: setting(z.enum(['page', 'run'])),
  clock: setting(positive('Hz')),
  linkBandwidth: setting(positive('bit/s')),
  linkLatency: setting(quantity('ns')),
  socketBuffer: setting(positive('B')),
  segmentSize: setting(positive('B')),
});

export const roles = ['control', 'driver', 'guest'] as const;
const standing = z.enum(['exists', 'hypothetical']).optional();
const roleModel = z.strictObject({
  model: text,
  options: z.record(z.string(), z.union([z.string(), z.boolean()], { error: 'text, true or false' })).default({}),
});

const costSchema = z.strictObject({
  value: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
  unit: z.enum(['cycles', 'ns', 'us', 'ms']),
  source: text,
  assumed: z.boolean().default(false),
});

export const platformSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, { error: 'text of small letters, digits, "." and "-"' }),
  title: text,
  description: text,
  models: z.record(z.string(), z.strictObject({ control: standing, driver: standing, guest: standing })),
  defaultModels: z.strictObject({ control: roleModel, driver: roleModel, guest: roleModel }),
  settings: settingsSchema,
  costs: z.record(z.string(), costSchema),
});
