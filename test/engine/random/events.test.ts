import { describe, expect, it } from 'vitest';
import { eventsIn } from '../../../engine/index.js';
import { PLATFORM_VARIANTS } from './platform-variants.js';
import { faultOf, sequenceOf } from './sequence.js';
import { World, smallWorld } from './world.js';

describe('every event that random operations charge is one that can occur in the scheme, so that platforms give it a cost', () => {
  for (const { title, control, guest, schemes } of PLATFORM_VARIANTS) {
    it(title, () => {
      for (const scheme of schemes) {
        const possible: readonly string[] = eventsIn(scheme.kind);
        const world = new World(control, guest, scheme, smallWorld(256));
        expect(faultOf(world, sequenceOf(title, 400), 400)).toBe(null);
        const charged = new Set(world.host.simulation.ledger.entries().map(({ event }) => event));
        expect(charged.size).toBeGreaterThan(5);
        expect([...charged].filter((event) => !possible.includes(event))).toEqual([]);
      }
    });
  }
});
