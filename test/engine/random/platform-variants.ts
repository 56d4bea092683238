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
];
