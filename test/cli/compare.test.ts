import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../contracts/comparison.js';
import type { ReportInput } from '../../report/names.js';
import { renderResults } from '../../report/results.js';
import { heavierEase } from '../report/fixtures/compared.js';
import { smallInput } from '../report/fixtures/small.js';
import { physmap } from './built-program.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-compare-'));
const at = (name: string): string => join(folder, name);
const write = (name: string, input: ReportInput): void => {
  mkdirSync(at(name), { recursive: true });
  writeFileSync(join(at(name), 'results.json'), renderResults(input));
};
beforeAll(() => {
  const input = smallInput();
  write('a', input);
  write('b', heavierEase());
  write('unlike', { ...input, study: { ...input.study, id: 'other' } });
  mkdirSync(at('broken'));
  writeFileSync(join(at('broken'), 'results.json'), '{');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('compare', () => {
  it('leads with the winner and what made it change', async () => {
    const { code, stdout } = await physmap('compare', at('a'), at('b'));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Winner changed from “Stay as it is” to “Move to the other model”, because of the weights of “Maintainer”\.\n/u,
    );
    expect(stdout).toContain('downtime: 50 points, then 5');
  });

  it('says that the winner is unchanged', async () => {
    const { stdout } = await physmap('compare', at('a'), join(at('a'), 'results.json'));
    expect(stdout).toMatch(/^Winner unchanged: “Stay as it is”\.\n/u);
    expect(stdout).toContain('Nothing differs that a decision depends on.');
  });

  it('--json prints the comparison, and --out writes the page and the same data', async () => {
    const { stdout } = await physmap('compare', at('a'), at('b'), '--out', at('page'), '--json');
    const { page, ...comparison } = JSON.parse(stdout) as Comparison & { readonly page: string };
    expect(comparison.because).toEqual(['weights maintainer']);
    expect(existsSync(page)).toBe(true);
    expect(JSON.parse(readFileSync(join(at('page'), 'comparison.json'), 'utf8'))).toEqual(comparison);
  });

  it.each([
    ['unlike', 'inconsistent', 'cannot be compared: one is of the study small, the other of other'],
    ['broken', 'missing-file', 'it is no JSON document'],
    ['none', 'missing-file', 'there are no results'],
  ])('refuses %s', async (name, errorCode, message) => {
    const { code, stdout } = await physmap('compare', at('a'), at(name), '--json');
    expect(code).toBe(2);
    const { errors } = JSON.parse(stdout) as { readonly errors: readonly { code: string; message: string }[] };
    expect(errors[0].code).toBe(errorCode);
    expect(errors[0].message).toContain(message);
  });
});
