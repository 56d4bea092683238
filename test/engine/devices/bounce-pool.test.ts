import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BouncePool, NO_SLOT, POOL_BYTES, SLOT_BYTES, createBouncePool } from '../../../engine/devices/bounce-pool.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import { audit } from '../../../engine/index.js';
import { domainOn } from '../support.js';
import { SlowPool } from './slow-pool.js';
import { MODELS_HERE, PAGE_BYTES, hostWith, must, ruleOf } from './support.js';

const SEGMENT = 128;

const step = fc.record({ take: fc.boolean(), slots: fc.integer({ min: 1, max: SEGMENT }), which: fc.nat() });

describe('the slots of a bounce pool', () => {
  it('are taken and given back as a list of slots says, whatever comes in which order', () => {
    const domain = domainOn(hostWith([[0, 512]]), 'driver', 'direct', 300);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const pool = new BouncePool(domain, asPfn(0), 192);
        const slow = new SlowPool(pool.slots, SEGMENT);
        const held: { slot: number; slots: number }[] = [];
        for (const { take, slots, which } of steps) {
          if (take) {
            const aligned = slots * SLOT_BYTES >= PAGE_BYTES;
            const slot = pool.take(slots, aligned);
            expect(slot).toBe(slow.take(slots, aligned ? PAGE_BYTES / SLOT_BYTES : 1));
            if (slot !== NO_SLOT) held.push({ slot, slots });
          } else if (held.length > 0) {
            const [given] = held.splice(which % held.length, 1);
            pool.giveBack(given.slot, given.slots);
            slow.giveBack(given.slot, given.slots);
          }
          expect(pool.used).toBe(slow.taken.filter(Boolean).length);
        }
      }),
      { numRuns: 60, seed: 2026 },
    );
  });

  it('a pool is 64 MiB by default, in segments that are contiguous in machine memory', () => {
    for (const model of MODELS_HERE) {
      const host = hostWith([[0, 2 ** 15 + 256]]);
      const domain = domainOn(host, 'driver', model, 2 ** 14 + 512);
      const pool = must(createBouncePool(domain));
      expect([pool.pages * PAGE_BYTES, pool.slots]).toEqual([POOL_BYTES, 2 ** 15]);
      for (let page = 0; page < pool.pages; page += 1) {
        const first = page - (page % 64);
        const mfn = domain.model.machineFrame(asPfn(pool.first + page));
        expect(mfn).toBe(domain.model.machineFrame(asPfn(pool.first + first)) + (page % 64));
      }
      expect(audit(host)).toEqual([]);
    }
  });

  it('there is none where guest frames do not follow each other, or the host has no run to exchange', () => {
    for (const model of MODELS_HERE) {
      const host = hostWith([[0, 256]]);
      const domain = domainOn(host, 'driver', model, 100);
      domain.free.set(domain.free.copy().filter((pfn) => pfn % 60 !== 0));
      const free = domain.free.count;
      expect(ruleOf(createBouncePool(domain, { bytes: 2 ** 18 }))).toBe('bounce-pool');
      expect(domain.free.count).toBe(free);
    }
    const host = hostWith([[0, 256]]);
    const domain = domainOn(host, 'driver', 'insert', 224);
    expect(ruleOf(createBouncePool(domain, { bytes: 2 ** 18 }))).toBe('contiguous-below-mask');
    expect(domain.free.count).toBe(224);
    expect(audit(host)).toEqual([]);
  });
});
