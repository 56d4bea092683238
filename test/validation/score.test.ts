import { describe, expect, it } from 'vitest';
import type { Case, CaseBook } from '../../validation/case.js';
import type { Outcome, Prediction } from '../../validation/predictions/prediction.js';
import { score } from '../../validation/score.js';
import { toDocument } from '../../validation/summary.js';
import { toleranceOf } from '../../validation/tolerances.js';
import { validate } from '../../validation/validate.js';

const caseOf = (id: string, expected: number | string): Case => ({
  id,
  source: 'xen',
  what: id,
  unit: 'events',
  expected,
  conditions: {},
});

const bookOf = (...cases: readonly Case[]): CaseBook => ({
  cases,
  under: () => cases,
  recorded: () => 0,
  calibration: () => 0,
});

const predicting = (outcomes: Readonly<Record<string, Outcome>>, covers = ['xen']): Prediction => ({
  id: 'test',
  title: 'test',
  covers,
  run: () => new Map(Object.entries(outcomes)),
});

const fork = 'xen/events/pv/multicalls/fork 100';
const touch = 'xen/events/pv/multicalls/touch 64';

describe('a score', () => {
  it.each([
    ['fork: 3 of 20, where 3 % would be less than 1', fork, 20, 23, 'within'],
    ['fork: 4 of 20', fork, 20, 24, 'off'],
    ['fork: 3 % of 1000', fork, 1000, 970, 'within'],
    ['fork: more than 3 % of 1000', fork, 1000, 969, 'off'],
    ['touch has to be exact', touch, 16384, 16385, 'off'],
    ['shadow: 10 %', 'xen/events/shadow/page-fault exits/fork 100', 7879, 8666, 'within'],
    ['shadow: more than 10 %', 'xen/events/shadow/page-fault exits/fork 100', 7879, 8668, 'off'],
    ['a text', 'xen-arm/placement/host=1024/ask=256/banks', '60000000-70000000', '60000000-70000000', 'exact'],
    ['another text', 'xen-arm/placement/host=1024/ask=256/banks', '60000000-70000000', '40000000-50000000', 'off'],
    ['a text for a number', touch, 2, '2', 'off'],
  ])('%s', (_title, id, expected, actual, status) => {
    expect(score(expected, actual, toleranceOf(id))).toBe(status);
  });
});

describe('validation', () => {
  it('says not-modelled and why where nothing states a figure', () => {
    const [scored] = validate(bookOf(caseOf(touch, 64)), []);
    expect(scored).toMatchObject({ status: 'not-modelled', actual: null, error: null });
    expect(scored.note).not.toBe('');
  });

  it('does not score a figure that was used to calibrate', () => {
    const [scored] = validate(bookOf(caseOf(touch, 64)), [
      predicting({ [touch]: { actual: null, note: 'sets a cost' } }),
    ]);
    expect(scored).toMatchObject({ status: 'not-modelled', actual: null, note: 'sets a cost' });
  });

  it.each([
    ['no figure of the data files', [predicting({ 'xen/events/pv/nonsense': { actual: 1 } })]],
    ['outside what it covers', [predicting({ [touch]: { actual: 1 } }, ['xen/event'])]],
    ['stated by two', [predicting({ [touch]: { actual: 1 } }), predicting({ [touch]: { actual: 1 } })]],
  ])('refuses a prediction of a figure that is %s', (_title, predictions) => {
    expect(() => validate(bookOf(caseOf(touch, 64)), predictions)).toThrow('prediction test states');
  });

  it('has the difference in the unit of the figure, and texts in the note only', () => {
    const banks = caseOf('xen-arm/placement/host=1024/ask=256/banks', 'a-b');
    const book = bookOf(caseOf(touch, 64), { ...banks, conditions: { 'ask MiB': 256 } });
    const scored = validate(book, [
      predicting({ [touch]: { actual: 60 }, [banks.id]: { actual: 'c-d' } }, ['xen', 'xen-arm']),
    ]);
    const { cases, summary } = toDocument(scored);
    expect(cases[0]).toEqual({
      id: touch,
      source: 'xen',
      what: touch,
      unit: 'events',
      expected: 64,
      actual: 60,
      error: -4,
      status: 'off',
      note: 'no model: 0 (bare metal: no hypervisor, no such event)',
    });
    expect(cases[1]).toMatchObject({ expected: null, actual: null, error: null, status: 'off' });
    expect(cases[1].note).toContain('got "c-d"; expected "a-b"');
    expect(summary.engine).toEqual({ exact: 0, within: 0, off: 2, 'not-modelled': 0 });
  });
});
