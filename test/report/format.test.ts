import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatNumber,
  formatQuantity,
  formatRange,
  formatShare,
  formatTime,
  listOf,
  sentence,
} from '../../report/format.js';

const thin = '\u202f';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [5, '5'],
    [12_345, `12${thin}345`],
    [1_234_567.8, `1${thin}234${thin}568`],
    [12.345, '12.3'],
    [9.999, '10.0'],
    [99.96, '100'],
    [0.012_345, '0.0123'],
    [0.000_123_4, `1.23${thin}×${thin}10⁻⁴`],
    [2e15, `2.00${thin}×${thin}10¹⁵`],
    [-2.345, '−2.35'],
  ])('%d is written %s', (value, text) => expect(formatNumber(value)).toBe(text));

  test('three significant digits are within half a unit of the third', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 99, noNaN: true }), (value) => {
        expect(Math.abs(Number(formatNumber(value)) - value)).toBeLessThanOrEqual(0.0051 * value);
      }),
    );
  });

  test('what is no figure is never written as one', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(() => formatNumber(value)).toThrow(RangeError);
  });

  test('a unit stands apart by a narrow space, a range that reads the same is one number', () => {
    expect(formatQuantity(12, 'ms')).toBe(`12${thin}ms`);
    expect(formatRange(1.001, 1.002)).toBe('1.00');
    expect(formatRange(1, 2)).toBe('1 to 2');
  });
});

describe('shares', () => {
  test('what is not quite none or all does not read so', () => {
    expect(formatShare(0)).toBe(`0${thin}%`);
    expect(formatShare(1e-9)).toBe(`<${thin}1${thin}%`);
    expect(formatShare(0.999)).toBe(`>${thin}99${thin}%`);
    expect(formatShare(1)).toBe(`100${thin}%`);
  });
});

describe('times', () => {
  test('the terms of a sum have the decimals that give the scale four digits', () => {
    expect(formatTime(70e6, 1.52e9)).toBe(`0.070${thin}s`);
    expect(formatTime(-12_340, 780_000)).toBe(`−12.3${thin}µs`);
  });
});

test('lists and sentences', () => {
  expect(listOf(['a', 'b', 'c'])).toBe('a, b and c');
  expect(sentence('it failed')).toBe('It failed.');
  expect(sentence('Why?')).toBe('Why?');
});
