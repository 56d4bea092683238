import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { format } from '../../input/user-error.js';
import { fieldName, parseYaml, readYaml } from '../../input/yaml-file.js';
import { mistakesIn } from './small-study.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function messages(read: () => unknown): readonly string[] {
  return mistakesIn(read)
    .map(format)
    .map((text) => text.replaceAll(`${folder}/`, ''));
}

describe('where a field stands', () => {
  const source = parseYaml('a: 1\nlist:\n  - {x: 2, y: 3}\nshared: &s {deep: 4}\nalias: *s\n', 'f.yaml');

  it.each([
    [['a'], 'key', 1, 1],
    [['a'], 'value', 1, 4],
    [['list', 0, 'y'], 'key', 3, 12],
    [['list', 0, 'y'], 'value', 3, 15],
    [['alias', 'deep'], 'value', 4, 19],
  ] as const)('%j, its %s, is at %d:%d', (path, part, line, column) => {
    expect(source.position(path, part)).toEqual({ line, column });
  });

  it('for a field that is not there, the nearest one above it', () => {
    expect(source.position(['list', 0, 'z'], 'value')).toEqual({ line: 3, column: 5 });
    expect(source.position(['list', 7], 'value')).toEqual({ line: 3, column: 3 });
  });

  it('is written as a path', () => {
    expect(fieldName(['criteria', 2, 'weights', 'cost'])).toBe('criteria[2].weights.cost');
  });
});

describe('a file that is no YAML of ours', () => {
  it('is missing: the nearest name in its folder is named', () => {
    file('study.yaml', 'a: 1\n');
    expect(messages(() => readYaml(join(folder, 'stduy.yaml')))).toEqual([
      'stduy.yaml: no such file\n  expected the path of a file\n  did you mean "study.yaml"?',
    ]);
  });

  it('is a folder', () => {
    expect(messages(() => readYaml(`${folder}/.`))).toEqual(['.: is a folder\n  expected a file']);
  });

  it('is not UTF-8: the first bad byte has its place', () => {
    const path = file('latin1.yaml', Buffer.from('a: 1\ntitle: M\xfcller\n', 'latin1'));
    expect(messages(() => readYaml(path))).toEqual([
      'latin1.yaml:2:9: not UTF-8 text\n  expected a text file saved as UTF-8',
    ]);
  });

  it('is larger than a person writes', () => {
    const path = file('large.yaml', 'a'.repeat(5 * 2 ** 20));
    expect(messages(() => readYaml(path))).toEqual(['large.yaml: has 5242880 bytes\n  expected at most 4194304 bytes']);
  });

  it.each(['', '\n\n', '# nothing but a comment\n', '---\n'])('is empty: %j', (text) => {
    expect(messages(() => parseYaml(text, 'f.yaml'))).toEqual(['f.yaml:1:1: is empty\n  expected a YAML mapping']);
  });

  it('breaks the syntax', () => {
    expect(messages(() => parseYaml('a: 1\nb: [1, 2\nc: 3\n', 'f.yaml'))[0]).toMatch(
      /^f\.yaml:3:1: Flow sequence .*\n {2}expected YAML 1\.2$/u,
    );
  });

  it('has a key twice', () => {
    expect(messages(() => parseYaml('a: 1\nb: 2\na: 3\n', 'f.yaml'))).toEqual([
      'f.yaml:3:1: Map keys must be unique\n  expected each name once',
    ]);
  });

  it('holds several documents', () => {
    expect(messages(() => parseYaml('a: 1\n---\nb: 2\n', 'f.yaml'))[0]).toMatch(/^f\.yaml:2:1: /u);
  });

  it('names an anchor that is not there', () => {
    expect(messages(() => parseYaml('a: 1\nb: *nobody\n', 'f.yaml'))[0]).toMatch(
      /^f\.yaml:2:4: there is no anchor "&nobody" above\n/u,
    );
  });

  it('holds aliases that expand to a billion entries: refused at once', () => {
    const levels = 'bcdefghij'
      .split('')
      .map((name, level) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[level]}`).join(', ')}]`);
    const text = `a: &a [x]\n${levels.join('\n')}\n`;
    expect(messages(() => parseYaml(text, 'f.yaml'))[0]).toMatch(
      /^f\.yaml:2:8: nests too deeply, or its aliases expand to too much\n/u,
    );
  });

  it.each([
    ['brackets', `a: ${'['.repeat(100_000)}`, '1:104'],
    ['closed brackets', `a:\n  ${'['.repeat(20_000)}${']'.repeat(20_000)}`, '2:103'],
    ['lists on one line', `a: 1\n${'- '.repeat(100_000)}b`, '2:401'],
    ['indentation', Array.from({ length: 500 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'), '401:401'],
  ])('nests thousands deep by %s: refused, and the process lives', (_title, text, place) => {
    expect(messages(() => parseYaml(text, 'f.yaml'))[0]).toMatch(
      new RegExp(`^f\\.yaml:${place}: nests too deeply`, 'u'),
    );
  });

  it('nests as deeply as is allowed: taken', () => {
    expect(messages(() => parseYaml(`a: ${'['.repeat(100)}${']'.repeat(100)}`, 'f.yaml'))).toEqual([]);
    const indented = Array.from({ length: 200 }, (_, level) => `${'  '.repeat(level)}a:`).join('\n');
    expect(messages(() => parseYaml(indented, 'f.yaml'))).toEqual([]);
  });
});
