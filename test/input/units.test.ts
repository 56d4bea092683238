import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert, parseQuantity, unitsLike } from '../../input/units.js';

describe('a quantity becomes a number in the wanted unit', () => {
  it.each([
    ['256 MiB', 'GiB', 0.25],
    ['256MiB', 'B', 268_435_456],
    ['16 KiB', 'B', 16_384],
    ['1 GB', 'MB', 1000],
    ['20000 pages/s', 'pages/s', 20_000],
    ['20_000 pages/s', 'pages/s', 20_000],
    ['3 pages/ms', 'pages/s', 3000],
    ['1 Gbit/s', 'bit/s', 1e9],
    ['125 MB/s', 'Gbit/s', 1],
    ['1.5 GHz', 'Hz', 1.5e9],
    ['300 ms', 's', 0.3],
    ['3 s', 'ms', 3000],
    ['12 %', '%', 12],
    ['12 %', 'share', 0.12],
    ['70 ns', 'ns', 70],
    ['200 cycles', 'cycles', 200],
    ['4.2 ms/MiB', 'µs/MiB', 4200],
    ['190 ns/access', 'ns/access', 190],
    ['6 person-months', 'person-months', 6],
    ['1e3 ns', 'µs', 1],
  ])('%s in %s is %d', (given, wanted, value) => {
    const parsed = parseQuantity(given, wanted);
    expect(parsed.ok && parsed.value).toBeCloseTo(value, 10);
  });

  it('a bare number will do where no unit is wanted, and for points', () => {
    expect(parseQuantity(16, '')).toEqual({ ok: true, value: 16 });
    expect(parseQuantity(5, 'points')).toEqual({ ok: true, value: 5 });
    expect(parseQuantity('5 points', 'points')).toEqual({ ok: true, value: 5 });
  });

  it('there and back gives the number again, to rounding', () => {
    const names = unitsLike('B');
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.constantFrom(...names),
        fc.constantFrom(...names),
        (number, from, to) => {
          expect(convert(convert(number, from, to), to, from) / number).toBeCloseTo(1, 12);
        },
      ),
    );
  });
});

describe('what is refused', () => {
  it.each([
    ['256', 'MiB', 'wrong-unit', '"256" has no unit', 'write "256 MiB" if that is what you mean'],
    [256, 'MiB', 'wrong-unit', '"256" has no unit', 'write "256 MiB" if that is what you mean'],
    ['256 mib', 'MiB', 'wrong-unit', '"mib" is no unit that fits here', 'did you mean "MiB"?'],
    ['256 MiBs', 'MiB', 'wrong-unit', '"MiBs" is no unit that fits here', 'did you mean "MiB"?'],
    ['256 ms', 'MiB', 'wrong-unit', '"ms" is a unit of time', undefined],
    ['20 faults/s', 'pages/s', 'wrong-unit', '"faults/s" is no unit that fits here', undefined],
    ['-1 MiB', 'MiB', 'out-of-range', '"-1 MiB" is below zero', undefined],
    ['1e999 MiB', 'MiB', 'out-of-range', '"1e999 MiB" is too large', undefined],
    ['much', 'MiB', 'wrong-type', '"much" is not a quantity', undefined],
    ['', 'MiB', 'wrong-type', '"" is not a quantity', undefined],
    [Infinity, '', 'wrong-type', '"Infinity" is not a quantity', undefined],
    [null, 'MiB', 'wrong-type', 'nothing where a quantity is wanted', undefined],
    [['1 MiB'], 'MiB', 'wrong-type', 'a list where a quantity is wanted', undefined],
    ['5 MiB', '', 'wrong-unit', '"5 MiB" has a unit where none is wanted', undefined],
  ])('%j where %j is wanted', (given, wanted, fault, message, hint) => {
    const parsed = parseQuantity(given, wanted);
    expect(parsed).toMatchObject({ ok: false, fault, message });
    expect(parsed.ok ? undefined : parsed.hint).toBe(hint);
  });

  it('says which units would have been right', () => {
    const parsed = parseQuantity('1 s', 'MiB');
    expect(parsed.ok ? '' : parsed.expected).toBe('a number and a unit of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB');
  });

  it('no text whatever makes it throw, or gives a number below zero or not finite', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('MiB', '%', 'pages/s', '', 'months'), (text, unit) => {
        const parsed = parseQuantity(text, unit);
        expect(!parsed.ok || (parsed.value >= 0 && Number.isFinite(parsed.value))).toBe(true);
      }),
    );
  });
});
