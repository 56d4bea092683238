import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VARIANTS } from '../support.js';
import { ACTS, GrantWorld, type Picks, take } from './random-grants.js';

const RESTRICTED = VARIANTS.filter(({ options }) => options.access !== 'trusted');

const picks: fc.Arbitrary<Picks> = fc.record({
  act: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])),
  first: fc.nat(63),
  second: fc.nat(63),
  third: fc.nat(63),
});

it('random grants among three domains agree with the slow reference, audited after every one', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...RESTRICTED))),
      fc.constantFrom<1 | 2>(1, 2),
      fc.array(picks, { minLength: 60, maxLength: 120, size: 'max' }),
      (variants, version, sequence) => {
        const world = new GrantWorld(variants, version);
        for (const each of sequence) {
          take(world, each);
          world.check();
          taken += 1;
        }
      },
    ),
    { numRuns: 10, seed: 2006 },
  );
  expect(taken).toBeGreaterThan(700);
}, 60_000);
