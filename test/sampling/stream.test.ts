import { expect, test } from 'vitest';
import { randomStream, streamName } from '../../sampling/stream.js';

const firstTen = (seed: number, name: string) => {
  const random = randomStream(seed, name);
  return Array.from({ length: 10 }, () => random.uniform());
};

test('a stream is a function of seed and name, whatever other streams are drawn from', () => {
  const alone = firstTen(7, 'a');
  firstTen(7, 'b');
  expect(firstTen(7, 'a')).toEqual(alone);
  expect(firstTen(8, 'a')).not.toEqual(alone);
  expect(firstTen(7, 'b')).not.toEqual(alone);
});

test('seed and name do not run into one another', () => {
  expect(firstTen(1, '1a')).not.toEqual(firstTen(11, 'a'));
});

test('ids that differ give names that differ, and an id with the separator is refused', () => {
  expect(streamName('a/b', 'c')).not.toBe(streamName('a', 'b/c'));
  expect(() => streamName('a\u001fb')).toThrow(RangeError);
});

test('a seed that is no whole number is refused', () => {
  expect(() => randomStream(0.5, 'a')).toThrow(RangeError);
  expect(() => randomStream(Number.NaN, 'a')).toThrow(RangeError);
});

test('the first numbers of many streams are spread evenly over the unit interval', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 5000; i++) counts[Math.floor(randomStream(1, `stream-${i}`).uniform() * 10)] += 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
  // The 99.9th percentile of chi-square with nine degrees of freedom.
  expect(chiSquare).toBeLessThan(27.88);
});
