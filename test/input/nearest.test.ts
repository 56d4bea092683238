import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest, oneOf } from '../../input/nearest.js';

/** The recursive definition of the optimal string alignment distance: slow, and written without the table. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(0, -1), b.slice(0, -1)];
  const same = a.at(-1) === b.at(-1) ? 0 : 1;
  const choices = [slowDistance(restA, b) + 1, slowDistance(a, restB) + 1, slowDistance(restA, restB) + same];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    choices.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...choices);
}

describe('editDistance', () => {
  it('agrees with its recursive definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b));
      }),
    );
  });
});

describe('nearest', () => {
  const names = [
    'migration/recorded-sqlite',
    'migration/uniform-writer',
    'control-domain/network-stream',
    'control-domain/reach',
  ];

  it.each([
    ['migration/uniform-writter', 'migration/uniform-writer'],
    ['uniform-writer', 'migration/uniform-writer'],
    ['control-domain/raech', 'control-domain/reach'],
    ['Migration/Recorded-SQLite', 'migration/recorded-sqlite'],
  ])('%s is near %s', (word, name) => {
    expect(nearest(word, names)).toBe(name);
  });

  it.each(['x', 'balloon/inflate', '', 'zzzzzzzzzzzzzzzzzzzzzzzz'])('%j is near nothing', (word) => {
    expect(nearest(word, names)).toBeUndefined();
  });

  it('takes the first of equally near names, so that the answer does not depend on anything else', () => {
    expect(nearest('cat', ['car', 'cap'])).toBe('car');
  });
});

describe('oneOf', () => {
  it.each([
    [[], 'nothing: there are none'],
    [['a'], '"a"'],
    [['a', 'b'], 'one of "a" or "b"'],
    [['a', 'b', 'c'], 'one of "a", "b" or "c"'],
  ])('%j reads %s', (names, text) => {
    expect(oneOf(names)).toBe(text);
  });

  it('cuts a long list and says how long it is', () => {
    expect(oneOf('abcdefghijkl'.split(''))).toBe(
      'one of "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", … (12 in all)',
    );
  });
});
