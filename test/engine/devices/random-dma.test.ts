import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DmaPair, type DmaSetting, dmaStep } from './random-dma.js';
import { MODELS_HERE } from './support.js';

const HOLDS = ['none', 'identity', 'all RAM', 'own', 'buffers'] as const;

const settings = (model: DmaSetting['model']): fc.Arbitrary<DmaSetting> =>
  fc.record({
    model: fc.constant(model),
    holds: fc.constantFrom(...HOLDS, ...(model === 'nested' ? (['second stage', 'second stage'] as const) : [])),
    invalidation: fc.constantFrom('strict' as const, 'deferred' as const),
    addressBits: fc.constantFrom(20, 64),
    iommuTables: fc.constantFrom('healed' as const, 'kept' as const),
  });

describe('random mappings, transfers, grants and balloons, against the slow reference and audited after every one', () => {
  let bounced = 0;
  let exposed = 0;

  it.each([...MODELS_HERE, 'nested'] as const)('%s', (model) => {
    fc.assert(
      fc.property(settings(model), fc.array(dmaStep, { maxLength: 50, size: 'max' }), (setting, steps) => {
        const pair = new DmaPair(setting);
        pair.check();
        for (const step of steps) {
          pair.take(step);
          pair.check();
        }
        bounced += pair.bounced;
        exposed += pair.exposed;
      }),
      { numRuns: 15, seed: 2026 },
    );
  });

  it('meet buffers that bounce and frames that are exposed', () => {
    expect(bounced).toBeGreaterThan(0);
    expect(exposed).toBeGreaterThan(0);
  });
});
