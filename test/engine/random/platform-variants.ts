import type { TranslationScheme } from '../../../engine/platform.js';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from '../support.js';

type Variant = (typeof VARIANTS)[number];

interface PlatformVariant {
  readonly title: string;
  readonly control: Variant;
  readonly guest: Variant;
  readonly schemes: readonly TranslationScheme[];
}

const pairs = (
  platform: string,
  variants: readonly Variant[],
  schemes: readonly TranslationScheme[],
): PlatformVariant[] =>
  variants.flatMap((control) =>
    variants.map((guest) => ({
      title: `${platform}: control domain ${control.title}, guests ${guest.title}`,
      control,
      guest,
      schemes,
    })),
  );

/** Behind an identity second stage P==M trusts nobody, and says what becomes of memory that is given up. */
const STAGED_VARIANTS: readonly Variant[] = [
  { title: 'direct, kept', model: 'direct', options: { access: 'restricted', ballooned: 'kept' } },
  { title: 'direct, released', model: 'direct', options: { access: 'restricted', ballooned: 'released' } },
  { title: 'nested', model: 'nested', options: {} },
];

/** Every pair of models that a platform can have, with its schemes of translation. */
export const PLATFORM_VARIANTS: readonly PlatformVariant[] = [
  ...pairs('ia64', VARIANTS, [vhptScheme({ insertClip: 'page' }), vhptScheme({ insertClip: 'run' })]),
  ...pairs(
    'ppc64',
    VARIANTS.filter(({ model }) => model === 'insert'),
    [hashScheme()],
  ),
  ...pairs('radix tables', RADIX_VARIANTS, [
    radixScheme(),
    radixScheme({ setsFlags: false }),
    radixScheme({ nestedSetsFlags: true }),
  ]),
  ...pairs('radix tables behind an identity stage', STAGED_VARIANTS, [
    radixScheme({ identityStage: true }),
    radixScheme({ identityStage: true, setsFlags: false }),
  ]),
];
