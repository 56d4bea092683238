import { describe, expect, it } from 'vitest';
import { UserError, describe as asData, format, throwAll } from '../../input/user-error.js';
import { mistakesIn } from './small-study.js';

const at = (line: number, column: number, message = 'wrong'): UserError =>
  new UserError({ code: 'wrong-type', message, where: { file: 'f.yaml', line, column, field: 'a.b' } });

describe('a mistake in words', () => {
  it('is file:line:column, field and message, with what was expected and the hint below', () => {
    const error = new UserError({
      code: 'unknown-key',
      message: 'there is no key "x" here',
      where: { file: 'f.yaml', line: 3, column: 7, field: 'a.x' },
      expected: '"y"',
      hint: 'did you mean "y"?',
    });
    expect(format(error)).toBe('f.yaml:3:7: a.x: there is no key "x" here\n  expected "y"\n  did you mean "y"?');
  });

  it('leaves out what it does not know', () => {
    expect(format(new UserError({ code: 'usage', message: 'unknown option' }))).toBe('unknown option');
  });

  it('shows characters that steer a terminal as escapes', () => {
    expect(format(new UserError({ code: 'usage', message: 'a\u001b[2Jb\u202ec\nd' }))).toBe(
      'a\\u001b[2Jb\\u202ec\\u000ad',
    );
  });
});

describe('several mistakes', () => {
  it('are thrown as one, sorted by place', () => {
    const errors = mistakesIn(() => throwAll([at(9, 1), at(2, 8), at(2, 3)]));
    expect(errors.map(({ where }) => [where.line, where.column])).toEqual([
      [2, 3],
      [2, 8],
      [9, 1],
    ]);
  });

  it('of none, nothing is thrown', () => {
    expect(mistakesIn(() => throwAll([]))).toEqual([]);
  });

  it('keep theirs when they are gathered again', () => {
    const errors = mistakesIn(() => throwAll([at(1, 1), ...mistakesIn(() => throwAll([at(2, 1), at(3, 1)]))]));
    expect(errors.map(({ where }) => where.line)).toEqual([1, 2, 3]);
  });
});

it('as data it has its code, its place and its message, and no empty fields', () => {
  expect(asData(at(2, 3))).toEqual({
    code: 'wrong-type',
    file: 'f.yaml',
    line: 2,
    column: 3,
    field: 'a.b',
    message: 'wrong',
  });
});
