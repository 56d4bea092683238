import { z } from 'zod';
import { schemes, settingsOf } from './platform-settings.js';
import { stated } from './setting-kinds.js';
import type { Scheme } from './platform-settings.js';

/** The shape of a platform's file, as a person writes it. What spans several fields is checked in platform-checks.ts. */

const text = z.string().trim().min(1);

/** What a machine or its set-up may be like, and the values that any platform can give a choice of. */
export const conditionValues = {
  /** Devices that stand behind an IOMMU. */
  iommu: ['all', 'some', 'none'],
  /** Devices that the control domain drives by DMA. */
  controlDma: ['some', 'none'],
  /** Where the memory of guests comes from. */
  guestMemory: ['heap', 'static'],
  /** Whether the hypervisor can shadow, by which alone it logs the writes of a P2M guest. */
  shadowPaging: ['built-in', 'absent'],
  /** Whether domains can be saved and migrated, where no hypervisor of the platform ever did it. */
  migration: ['absent', 'hypothetical'],
  /** Whether grants can be mapped, transferred and copied, or the hypervisor has stubs in their place. */
  grantOperations: ['built-in', 'stubs'],
} as const;

const condition = <Value extends string>(values: readonly [Value, ...Value[]]) =>
  z.strictObject({ ...stated, values: z.array(z.enum(values)).min(1), default: z.enum(values) }).optional();

const conditionsSchema = z.strictObject({
  iommu: condition(conditionValues.iommu),
  controlDma: condition(conditionValues.controlDma),
  guestMemory: condition(conditionValues.guestMemory),
  shadowPaging: condition(conditionValues.shadowPaging),
  migration: condition(conditionValues.migration),
  grantOperations: condition(conditionValues.grantOperations),
});

export const roles = ['control', 'driver', 'guest'] as const;

const standing = z.enum(['exists', 'hypothetical']).optional();
/** Cases of which one must hold; in each case, all of its conditions. */
const cases = z
  .array(
    z.strictObject({
      iommu: z.enum(conditionValues.iommu).optional(),
      controlDma: z.enum(conditionValues.controlDma).optional(),
      guestMemory: z.enum(conditionValues.guestMemory).optional(),
      shadowPaging: z.enum(conditionValues.shadowPaging).optional(),
      migration: z.enum(conditionValues.migration).optional(),
      grantOperations: z.enum(conditionValues.grantOperations).optional(),
    }),
  )
  .min(1)
  .optional();

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

const platformWith = <Kind extends Scheme, Settings extends z.ZodType>(kind: Kind, settings: Settings) =>
  z.strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, { error: 'text of small letters, digits, "." and "-"' }),
    title: text,
    description: text,
    scheme: z.literal(kind),
    conditions: conditionsSchema.default({}),
    models: z.record(z.string(), z.strictObject({ control: standing, driver: standing, guest: standing })),
    onlyWith: z.record(z.string(), z.strictObject({ control: cases, driver: cases, guest: cases })).default({}),
    defaultModels: z.strictObject({ control: roleModel, driver: roleModel, guest: roleModel }),
    settings,
    costs: z.record(z.string(), costSchema),
  });

/** Which of the schemas below a file is of. */
export const schemeSchema = z.looseObject({ scheme: z.enum(schemes) });

export const platformSchemas = {
  vhpt: platformWith('vhpt', settingsOf.vhpt),
  radix: platformWith('radix', settingsOf.radix),
  hash: platformWith('hash', settingsOf.hash),
} as const;

export type WrittenPlatform = z.output<(typeof platformSchemas)[Scheme]>;
