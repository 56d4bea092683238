import { describe, expect, test } from 'vitest';
import { compareResults } from '../../decision/index.js';
import { comparisonDocument } from '../../report/comparison/document.js';
import { heavierEase } from './fixtures/compared.js';
import { smallInput } from './fixtures/small.js';

const [a, b] = [smallInput(), heavierEase()];

describe('the page of a comparison', () => {
  test('leads with what changed the winner', () => {
    const { word, headline, tables } = comparisonDocument(compareResults(a, b), a, b);
    expect(word).toBe('leaning');
    expect(headline).toBe(
      'Winner changed from “Stay as it is” to “Move to the other model”, because of the weights of “Maintainer”.',
    );
    expect(tables.map(({ id }) => id)).toEqual(['differences', 'profiles', 'sets']);
    const [row] = tables[0]?.groups[0]?.rows ?? [];
    expect(row?.title).toBe('The weights of “Maintainer”');
    expect(row?.cells.map(({ note }) => note)).toEqual(['', 'another winner', 'another winner', '']);
    expect(row?.cells.at(-1)?.text).toBe('yes');
  });

  test('of equal sets says that nothing differs, in a page without a table of differences', () => {
    const { word, headline, explanation, tables } = comparisonDocument(compareResults(a, a), a, a);
    expect([word, headline]).toEqual(['clear', 'Winner unchanged: “Stay as it is”.']);
    expect(explanation).toBe('Nothing differs that a decision depends on.');
    expect(tables.map(({ id }) => id)).toEqual(['profiles', 'sets']);
  });

  test('names several causes, and whether each does it alone', () => {
    const comparison = compareResults(a, b);
    const [weights] = comparison.differences;
    const two = [weights, { ...weights, id: 'seed', kind: 'seed' as const, subject: '' }];
    const because = two.map(({ id }) => id);
    const say = (together: boolean) =>
      comparisonDocument({ ...comparison, differences: two, because, together }, a, b).headline;
    expect(say(false)).toMatch(
      /the weights of “Maintainer” and the seed of the samples, each of which does it alone\.$/,
    );
    expect(say(true)).toMatch(/the weights of “Maintainer” and the seed of the samples, only together\.$/);
  });
});
