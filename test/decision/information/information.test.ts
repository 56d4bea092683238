import { describe, expect, it } from 'vitest';
import { partialInformation } from '../../../decision/information/partial-information.js';
import { pointOf } from '../../../decision/flip/standing.js';
import { parameterInformation } from '../../../decision/information/parameter-information.js';
import { perfectInformation } from '../../../decision/information/perfect-information.js';
import { haltonDimension } from '../../../sampling/halton.js';

/** Two independent normal deviates for two uniform ones (Box and Muller, 1958). */
const normalPair = (u: number, v: number): readonly [number, number] => {
  const radius = Math.sqrt(-2 * Math.log(1 - u));
  return [radius * Math.cos(2 * Math.PI * v), radius * Math.sin(2 * Math.PI * v)];
};

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Upper tail of the normal distribution by Simpson's rule: an independent slow reference. */
const upperTail = (z: number): number => {
  const [steps, end] = [20_000, 12];
  const step = (end - z) / steps;
  let sum = density(z) + density(end);
  for (let k = 1; k < steps; k += 1) sum += (k % 2 === 1 ? 4 : 2) * density(z + k * step);
  return (sum * step) / 3;
};

/** Unit normal loss: the mean of what a standard normal exceeds z by. */
const unitNormalLoss = (z: number): number => density(z) - z * upperTail(z);

const SAMPLES = 16_384;
const second = haltonDimension(1, 'v', 3, SAMPLES);
const pairs = Array.from(haltonDimension(1, 'u', 2, SAMPLES), (u, index) => normalPair(u, second[index]));

describe('perfect information', () => {
  it.each([
    [0, 1],
    [0.3, 1],
    [-0.5, 2],
    [1.2, 0.8],
  ])(
    'about an increment that is normal with mean %f and deviation %f: σ times the unit normal loss at |μ| / σ',
    (mean, sd) => {
      const increment = pairs.map(([z]) => mean + sd * z);
      const { value } = perfectInformation([increment.map(() => 0), increment]);
      expect(value).toBeCloseTo(sd * unitNormalLoss(Math.abs(mean) / sd), 2);
    },
  );

  it('is worth nothing when one alternative is best in every state', () => {
    expect(
      perfectInformation([
        [1, 2, 3],
        [0, 1, 2],
      ]).value,
    ).toBe(0);
  });

  it('has the standard error of its samples: of gains that are 0 or 1 by halves, √(1 / 4 / (n − 1))', () => {
    const gains = Float64Array.from({ length: 100 }, (_, sample) => sample % 2);
    const { value, error } = perfectInformation([gains.map(() => 0.5), gains.map((gain) => 1 - gain)]);
    expect(value).toBeCloseTo(0.25, 12);
    expect(error).toBeCloseTo(0.25 / Math.sqrt(99), 12);
  });

  it('is worth nothing for one alternative', () => {
    expect(perfectInformation([[0.1, 0.9]])).toMatchObject({ bestExpected: 0.5, withInformation: 0.5, value: 0 });
  });
});

describe('information about one input', () => {
  const first = Float64Array.from(pairs, ([z]) => z);
  const other = pairs.map(([, z]) => z);

  it.each([
    [0, 1, 1],
    [0.3, 0.8, 0.5],
    [0.2, 0.1, 1],
    [-0.4, 1, 2],
  ])(
    'of an increment a + b x + c y, a = %f, b = %f, c = %f: |b| times the unit normal loss at |a| / |b|',
    (a, b, c) => {
      const increment = Array.from(first, (x, index) => a + b * x + c * other[index]);
      const scores = [increment.map(() => 0), increment];
      const { value, error } = partialInformation(first, scores);
      const exact = b * unitNormalLoss(Math.abs(a) / b);
      expect(Math.abs(value - exact)).toBeLessThan(3 * error + 0.002);
      expect(error).toBeLessThan(0.03);
      expect(value).toBeLessThanOrEqual(perfectInformation(scores).value);
    },
  );

  it('is worth nothing, to its error, where the input has no say', () => {
    const increment = other.map((y) => 0.01 + y);
    const { value, error } = partialInformation(first, [increment.map(() => 0), increment]);
    expect(value).toBeLessThanOrEqual(3 * error);
    expect(value).toBeLessThan(0.03);
  });

  it('is the same whatever the unit of the input and the order of the alternatives', () => {
    const increment = Array.from(first, (x, index) => 0.2 + x + other[index]);
    const scores = [increment.map(() => 0), increment];
    const found = partialInformation(first, scores);
    expect(
      partialInformation(
        first.map((x) => 1000 * x),
        scores,
      ),
    ).toEqual(found);
    expect(partialInformation(first, scores.toReversed())).toEqual(found);
  });
});

describe('information about a parameter of a workload', () => {
  const axis = {
    workload: 'w',
    parameter: 'p',
    title: 'P',
    unit: '',
    low: 0,
    high: 1,
    nominal: 0,
    scale: 'linear',
    whole: false,
    range: 'asked',
  } as const;
  const points = (count: number, lead: (at: number) => number) =>
    Array.from({ length: count }, (_, step) => {
      const at = step / (count - 1);
      return pointOf(at, { a: 0.5, b: 0.5 + lead(at) });
    });

  it('of a lead x − r over 0 to 1: (1 − r)² / 2, less 1 / 2 − r where that is above nothing; straight lines make it exact', () => {
    for (const r of [0.2, 0.3, 0.5, 0.8]) {
      const { value, error } = parameterInformation(
        axis,
        points(5, (at) => at - r),
      )!;
      expect(value).toBeCloseTo((1 - r) ** 2 / 2 - Math.max(0, 0.5 - r), 12);
      expect(error).toBeCloseTo(0, 12);
    }
  });

  it('of a curve comes nearer with more values, within its error', () => {
    const exact = 1 / 12;
    for (const count of [5, 9, 17]) {
      const { value, error } = parameterInformation(
        axis,
        points(count, (at) => at ** 2 - 0.25),
      )!;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(error + 1e-12);
    }
  });

  it('is nothing where one alternative leads throughout, and where the other may not win', () => {
    expect(
      parameterInformation(
        axis,
        points(5, (at) => -at),
      )!.value,
    ).toBe(0);
    const gated = [pointOf(0, { a: 0.5, b: 0.4 }), pointOf(1, { a: 0.5, b: 0.9 }, ['a'])];
    expect(parameterInformation(axis, gated)!.value).toBe(0);
  });

  it('is not defined by one value', () => {
    expect(parameterInformation(axis, [pointOf(0, { a: 0.5 })])).toBeNull();
  });
});
