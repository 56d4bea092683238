import { expect, it } from 'vitest';
import { VARIANTS, vhptScheme } from '../support.js';
import { describeFault, faultOf, sequenceOf, shrink } from './sequence.js';
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
  const steps = sequenceOf('planted h', 200, KINDS_WITHOUT_PROCESSES);
  expect(faultOf(broken(), steps, 1)).not.toBe(null);
  const described = describeFault(broken, steps, 1, 'planted');
  expect(described).toBe(describeFault(broken, steps, 1, 'planted'));
  const lines = described.split('\n');
  expect(lines[0]).toMatch(/^seed planted, [3-6] steps:$/u);
  expect(lines.filter((line) => line.startsWith('  ')).length).toBeLessThanOrEqual(6);
  expect(described).toMatch(/coherence: a (TLB|VHPT) entry of guest \d for page/u);
});

it('a fault that was seen long after its cause comes down to a few steps too', () => {
  const steps = sequenceOf('planted a', 100, KINDS_WITHOUT_PROCESSES);
  expect(describeFault(broken, steps, 100, 'planted')).toMatch(/^seed planted, [3-9] steps:/u);
});

it('no other fault is taken for the one that was found, though it would come with fewer steps', () => {
  const withAnother = (): World => {
    const world = broken();
    const check = world.check.bind(world);
    let built = false;
    world.check = () => {
      built ||= world.guests[0] !== null;
      return built ? check() : [{ rule: 'conservation', detail: 'the first guest was never built' }];
    };
    return world;
  };
  const steps = sequenceOf('planted h', 200, KINDS_WITHOUT_PROCESSES);
  const shortest = shrink(withAnother, steps, 1);
  expect(shortest.length).toBeLessThanOrEqual(6);
  expect(faultOf(withAnother(), shortest, 1)).toMatch(/^(?:coherence|reach): /u);
});

it('shrinking stops where it has taken all the steps that it may', () => {
  const steps = sequenceOf('planted h', 200, KINDS_WITHOUT_PROCESSES);
  const shortest = shrink(broken, steps, 1, 10);
  expect(shortest.length).toBeGreaterThan(20);
  expect(faultOf(broken(), shortest, 1)).not.toBe(null);
});
