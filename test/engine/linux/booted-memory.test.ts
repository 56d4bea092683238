import { describe, expect, it } from 'vitest';
import { bootLinuxMemory } from '../../../engine/linux/booted-memory.js';
import { PAGE, domainOn, hostOf, platformOf } from '../support.js';

const CHUNK = 1024;

const bootedOn = (pages: number, memory: Parameters<typeof bootLinuxMemory>[1]) => {
  const domain = domainOn(hostOf(platformOf([[0, 2 * pages]])), 'domain', 'insert', pages);
  const before = new Set(domain.free.copy());
  const shared = bootLinuxMemory(domain, memory);
  return { domain, shared, before, order: domain.free.copy() as number[] };
};

describe('the free frames of a Linux that has booted', () => {
  const descriptors = Math.ceil((8 * CHUNK * 64) / PAGE);
  const { order, before, shared } = bootedOn(8 * CHUNK, { imagePages: 10, ownPages: 100 });

  it('begin where its own end, in the first whole chunk above its image', () => expect(order[0]).toBe(CHUNK + 101));

  it('leave out the image, its own, and the descriptors at the top', () => {
    expect(before.size - order.length).toBe(10 + 101 + descriptors);
    expect(Math.max(...order)).toBe(8 * CHUNK - descriptors - 1);
    expect(Math.min(...order)).toBe(10);
  });

  it('come upward, whole chunks first and what lies around them last', () => {
    const whole = 6 * CHUNK - 101;
    expect(order.slice(0, whole)).toEqual(Array.from({ length: whole }, (_, page) => CHUNK + 101 + page));
    expect(order[whole]).toBe(10);
  });

  it('have the shared page among the kernel’s own', () => expect(shared).toBe(CHUNK + 50));

  it('must be enough for the kernel', () =>
    expect(() => bootedOn(CHUNK, { imagePages: 0, ownPages: CHUNK })).toThrow('too small for its kernel'));
});
