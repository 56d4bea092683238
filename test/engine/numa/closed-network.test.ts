import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CustomerClass, solveClosedNetwork } from '../../../engine/numa/closed-network.js';

const roundsOf = (classes: readonly CustomerClass[]): number[] =>
  solveClosedNetwork(classes).map(({ rounds }) => rounds);

/** The exact recursion over all smaller populations (Reiser and Lavenberg). */
const exactRounds = (classes: readonly CustomerClass[]): number[] => {
  const known = new Map<string, number[]>();
  const flows = (population: readonly number[]): number[] =>
    classes.map(({ delayNs, serviceNs }, index) => {
      if (population[index] === 0) return 0;
      const fewer = queuesAt(population.map((count, other) => (other === index ? count - 1 : count)));
      return population[index] / serviceNs.reduce((sum, service, k) => sum + service * (1 + fewer[k]), delayNs);
    });
  const queuesAt = (population: readonly number[]): number[] => {
    const key = population.join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const rates = flows(population);
    const queues = classes[0].serviceNs.map((_, k) =>
      classes.reduce((sum, { serviceNs }, index) => {
        if (population[index] === 0) return sum;
        const fewer = queuesAt(population.map((count, other) => (other === index ? count - 1 : count)));
        return sum + rates[index] * serviceNs[k] * (1 + fewer[k]);
      }, 0),
    );
    known.set(key, queues);
    return queues;
  };
  return flows(classes.map(({ customers }) => customers));
};

const service = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 3, maxLength: 3 });
const customerClass = fc
  .record({ customers: fc.integer({ min: 1, max: 4 }), delayNs: fc.integer({ min: 0, max: 60 }), serviceNs: service })
  .filter(({ delayNs, serviceNs }) => delayNs + serviceNs[0] + serviceNs[1] + serviceNs[2] > 0);

describe('a closed network of queues', () => {
  it('has one customer go round in the sum of delay and services', () => {
    fc.assert(
      fc.property(customerClass, (each) => {
        const [rounds] = roundsOf([{ ...each, customers: 1 }]);
        expect(1 / rounds).toBeCloseTo(each.delayNs + each.serviceNs.reduce((a, b) => a + b, 0), 6);
      }),
    );
  });

  it('has n customers at k like stations make n/(s(k+n−1)) rounds', () => {
    for (const customers of [1, 2, 5, 40]) {
      for (const stations of [1, 3, 7]) {
        const serviceNs = Array.from({ length: stations }, () => 9);
        const [rounds] = roundsOf([{ customers, delayNs: 0, serviceNs }]);
        expect(rounds).toBeCloseTo(customers / (9 * (stations + customers - 1)), 9);
      }
    }
  });

  it('never serves more than a station can, nor more than customers who never wait would', () => {
    fc.assert(
      fc.property(fc.array(customerClass, { minLength: 1, maxLength: 4 }), (classes) => {
        const rounds = roundsOf(classes);
        classes[0].serviceNs.forEach((_, k) => {
          const use = classes.reduce((sum, { serviceNs }, index) => sum + serviceNs[k] * rounds[index], 0);
          expect(use).toBeLessThan(1 + 1e-9);
        });
        classes.forEach(({ customers, delayNs, serviceNs }, index) => {
          const alone = customers / serviceNs.reduce((a, b) => a + b, delayNs);
          expect(rounds[index]).toBeLessThanOrEqual(alone * (1 + 1e-9));
        });
      }),
    );
  });

  it('comes as near to a station that is never idle as customers are many', () => {
    const busy = (customers: number): number => roundsOf([{ customers, delayNs: 50, serviceNs: [10, 4] }])[0] * 10;
    expect(busy(400)).toBeGreaterThan(0.999);
    expect([1, 2, 4, 8, 16, 400].map(busy)).toEqual([1, 2, 4, 8, 16, 400].map(busy).toSorted((a, b) => a - b));
  });

  it('stays within 3 % of the exact recursion, for up to three classes of up to four customers', () => {
    fc.assert(
      fc.property(fc.array(customerClass, { minLength: 1, maxLength: 3 }), (classes) => {
        const exact = exactRounds(classes);
        roundsOf(classes).forEach((rounds, index) => {
          expect(Math.abs(rounds / exact[index] - 1)).toBeLessThan(0.03);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('is empty where nobody is in it', () => {
    expect(solveClosedNetwork([])).toEqual([]);
  });
});
