import { expect, it } from 'vitest';
import { VARIANTS, vhptScheme } from '../support.js';
import { describeFault, faultOf, sequenceOf } from './sequence.js';
import { KINDS_WITHOUT_PROCESSES } from './steps.js';
import { World, smallWorld } from './world.js';

/** A world in which a purge is forgotten: an unmapped page stays in the TLB. */
const broken = (): World => {
  const insert = VARIANTS.find(({ title }) => title === 'insert')!;
  const world = new World(insert, insert, vhptScheme(), smallWorld(128));
  const { domains } = world.host;
  const add = domains.set.bind(domains);
  domains.set = (id, domain) => {
    domain.mmu.purge = () => {};
    return add(id, domain);
  };
  return world;
};

it('a fault in a long sequence comes down to a few steps that show it, and to the same ones each time', () => {
  const steps = sequenceOf('planted d', 600, KINDS_WITHOUT_PROCESSES);
  expect(faultOf(broken(), steps, 1)).not.toBe(null);
  const described = describeFault(broken, steps, 1, 'planted');
  expect(described).toBe(describeFault(broken, steps, 1, 'planted'));
  const lines = described.split('\n');
  expect(lines[0]).toMatch(/^seed planted, [3-6] steps:$/u);
  expect(lines.filter((line) => line.startsWith('  ')).length).toBeLessThanOrEqual(6);
  expect(described).toMatch(/coherence: a (TLB|VHPT) entry of guest \d for page/u);
});

it('a fault that was seen long after its cause comes down to a few steps too', () => {
  const steps = sequenceOf('planted d', 600, KINDS_WITHOUT_PROCESSES);
  expect(describeFault(broken, steps, 600, 'planted')).toMatch(/^seed planted, [3-9] steps:/u);
});
