import { expect, it } from 'vitest';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { faultOf } from './sequence.js';
import type { Step } from './steps.js';
import { World } from './world.js';

/** Steps as a found fault prints them. */
const stepsOf = (lines: readonly string[]): readonly Step[] =>
  lines.map((line) => {
    const [, kind, guest, page, place] = /^(.*) \(guest (\d+), page (\d+), place (\d+)\)$/u.exec(line)!;
    return { kind, guest: Number(guest), page: Number(page), place: Number(place) };
  });

/** Sequences that once showed a fault, as they came out of a long run. */
const FOUND = [
  {
    what: 'a store that was emulated for a page goes to the frame where the page’s table is by then',
    variant: 'radix tables: control domain direct, restricted, guests shadow',
    scheme: 0,
    steps: stepsOf([
      'build (guest 0, page 0, place 0)',
      'build on demand (guest 2, page 2, place 0)',
      'build (guest 1, page 2, place 4)',
      'balloon out (guest 1, page 0, place 4)',
      'boot Linux (guest 1, page 1, place 4)',
      'process: exec (guest 1, page 8, place 3)',
      'unplug and back (guest 0, page 2, place 1)',
      'process: write stack (guest 1, page 6, place 4)',
      'process: read program (guest 1, page 4, place 3)',
      'process: write program (guest 1, page 8, place 1)',
    ]),
  },
  {
    what: 'a grant that comes back to its granter through another domain is taken back once, though the guest stays after all',
    variant: 'ppc64: control domain insert, guests insert, exposed p2m',
    scheme: 0,
    steps: stepsOf([
      'build (guest 0, page 0, place 0)',
      'build (guest 1, page 0, place 0)',
      'destroy (guest 0, page 0, place 0)',
      'boot Linux (guest 1, page 0, place 0)',
      'grant (guest 1, page 1, place 0)',
      'pass a grant on (guest 0, page 0, place 0)',
      'pass a grant on (guest 1, page 1, place 0)',
      'migrate there and back (guest 1, page 0, place 0)',
      'grant (guest 1, page 1, place 0)',
      'grant (guest 1, page 1, place 0)',
      'grant (guest 1, page 1, place 0)',
      'map granted (guest 0, page 0, place 0)',
    ]),
  },
  {
    what: 'a frame that a guest’s page has left, and that its kernel cannot give up, may be where it breaks a large mapping of others',
    variant: 'radix tables: control domain nested, guests direct, restricted',
    scheme: 1,
    steps: stepsOf([
      'build (guest 2, page 2, place 1)',
      'map read-only (guest 2, page 5, place 4)',
      'map read-only (guest 2, page 11, place 3)',
      'unmap (guest 2, page 5, place 3)',
      'unplug and back (guest 0, page 2, place 3)',
    ]),
  },
  {
    what: 'a page that leaves may come to where another was that has left before',
    variant: 'radix tables: control domain nested, logged by hardware, guests direct, trusted',
    scheme: 2,
    steps: stepsOf([
      'build (guest 1, page 1, place 2)',
      'assign device (guest 1, page 10, place 2)',
      'map read-only (guest 1, page 3, place 0)',
      'share with a device (guest 1, page 11, place 0)',
      'boot Linux (guest 1, page 9, place 0)',
      'unmap for DMA (guest 1, page 9, place 0)',
      'process: drop cache (guest 1, page 1, place 3)',
      'map read-only (guest 1, page 1, place 0)',
      'map read-only (guest 1, page 10, place 0)',
      'unplug and back (guest 0, page 2, place 0)',
    ]),
  },
  {
    what: 'a domain that crashed and stays, as others have its memory, has no translation left of what it had mapped',
    variant: 'ia64: control domain p2m, guests p2m',
    scheme: 0,
    steps: stepsOf([
      'build (guest 0, page 0, place 0)',
      'grant (guest 0, page 2, place 3)',
      'map foreign (guest 0, page 9, place 0)',
      'map granted (guest 2, page 2, place 3)',
      'use granted (guest 0, page 0, place 4)',
      'crash and restart (guest 0, page 1, place 0)',
    ]),
  },
  {
    what: 'a domain that is destroyed gives back what it had mapped pages of others at, with all its memory',
    variant: 'radix tables behind an identity stage: control domain nested, guests direct, released',
    scheme: 0,
    steps: stepsOf([
      'build (guest 2, page 10, place 4)',
      'grant (guest 2, page 0, place 2)',
      'map granted (guest 0, page 11, place 0)',
      'destroy (guest 2, page 0, place 4)',
    ]),
  },
  {
    what: 'a domain gives up only frames that nobody else has to map pages of others at',
    variant: 'radix tables behind an identity stage: control domain direct, kept, guests direct, kept',
    scheme: 1,
    steps: stepsOf([
      'build (guest 0, page 0, place 0)',
      'grant (guest 0, page 8, place 1)',
      'grant (guest 1, page 2, place 1)',
      'grant (guest 2, page 10, place 0)',
      'map granted (guest 1, page 6, place 3)',
      'grant (guest 0, page 0, place 2)',
      'grant (guest 2, page 8, place 1)',
      'grant (guest 0, page 10, place 0)',
      'map granted (guest 2, page 4, place 3)',
      'wait for a frame (guest 1, page 10, place 2)',
      'unplug and back (guest 0, page 1, place 1)',
      'unmap granted (guest 1, page 5, place 3)',
      'grant (guest 2, page 0, place 4)',
      'map foreign (guest 0, page 6, place 3)',
      'grant (guest 1, page 5, place 2)',
      'map granted (guest 0, page 7, place 3)',
    ]),
  },
  {
    what: 'a domain that crashed while its writes were logged has no twin of an entry left that names what it had mapped',
    variant: 'radix tables: control domain nested, logged by hardware, guests p2m',
    scheme: 0,
    steps: stepsOf([
      'build (guest 2, page 3, place 2)',
      'grant (guest 2, page 5, place 0)',
      'map granted (guest 0, page 9, place 3)',
      'grant (guest 1, page 9, place 0)',
      'map granted (guest 2, page 6, place 2)',
      'map granted (guest 0, page 9, place 1)',
      'log (guest 2, page 11, place 0)',
      'map granted (guest 0, page 8, place 0)',
      'unmap granted (guest 2, page 0, place 0)',
      'use granted (guest 0, page 6, place 1)',
      'crash and restart (guest 2, page 9, place 0)',
    ]),
  },
];

it.each(FOUND)('$what', ({ variant, scheme, steps }) => {
  const { control, guest, schemes } = PLATFORM_VARIANTS.find(({ title }) => title === variant)!;
  const world = new World(control, guest, schemes[scheme], { frames: 1024, controlPages: 128, guestPages: 64 });
  expect(faultOf(world, steps, 1)).toBe(null);
});
