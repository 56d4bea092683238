import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableAnalysis } from '../../contracts/decision-table.js';
import { alignRows } from '../../cli/align-rows.js';
import { runCli } from '../../cli/program.js';
import { analyse } from '../../decision/index.js';
import { readDecisionTable } from '../../input/decision-table.js';
import { packageRoot } from '../../input/package-root.js';
import { recordingTerminal } from './recording-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'physmap-decide-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

beforeAll(() => {
  writeFileSync(
    file('cars.yaml'),
    `title: Which car
samples: 512
alternatives: [corsa, clio, sandero]
criteria:
  - {id: price, better: lower, worst: 20, best: 8, figures: {corsa: 14, clio: {low: 11, likely: 13, high: 16}, sandero: 9}}
  - {id: safety, better: higher, figures: {corsa: 4, clio: 5, sandero: null}}
  - {id: doors, better: higher, figures: {corsa: 4, clio: 4, sandero: 4}}
gates:
  - {id: legal, criterion: price, atMost: 15}
profiles:
  - {id: family, title: A family, weights: {pairwise: [[price, safety, 0.5], [price, doors, 5], [safety, doors, 9]], spread: 0.4}}
  - {id: anyone, weights: {unknown: true}}
`,
  );
  writeFileSync(file('cars.csv'), 'criterion,better,weight,a,b\nprice,lower,60,4,5\nsafety,higher,40,1,3\n');
  writeFileSync(file('wrong.csv'), 'criterion,better,weight,a,b\nprice,lower,60,4,5\nsafety,higher,30,1,3\n');
  writeFileSync(file('none.csv'), 'criterion,better,a\nx,higher,1\n');
});

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly note: string }> {
  const terminal = recordingTerminal();
  const code = await runCli(['decide', ...args], terminal);
  return { code, out: terminal.outs(), note: terminal.notes() };
}

describe('physmap decide', () => {
  it('says for each profile who is first how often, why, and what would change it', async () => {
    const { code, out, note } = await run(file('cars.yaml'));
    expect([code, note]).toEqual([0, '']);
    for (const said of [
      'Which car\n  3 alternatives, 3 criteria, 512 samples from seed 1\n',
      'clear from 90 % of the samples on, leaning from 65 %, open below',
      'clio fails the gate legal: price may be 16, above 15',
      'safety: no figure under sandero; the value there is 0',
      'doors: the same for all, so it cannot matter',
      'safety: worst 4, best 5, from the data',
      'A family: ',
      'anyone: ',
      'fails a gate',
      'consistency ratio of the comparisons in the top: 0.001 (Saaty 1980)',
      'no result, since safety: there is no figure under sandero: weighted sum (sum: x / Σx; costs by their reciprocals); ',
      'lead of ',
    ])
      expect(out).toContain(said);
  });

  it('prints with --json the analysis as the module gives it, and nothing else', async () => {
    const { code, out, note } = await run(file('cars.yaml'), '--json');
    expect([code, note]).toEqual([0, '']);
    expect(JSON.parse(out) as TableAnalysis).toEqual(
      JSON.parse(JSON.stringify(analyse(readDecisionTable(file('cars.yaml'))))),
    );
  });

  it('takes CSV by the ending of the file', async () => {
    const { code, out } = await run(file('cars.csv'));
    expect(code).toBe(0);
    expect(out).toContain('clear: a is first in 100 % of the samples');
  });

  it('of one alternative says that there is no other, and compares nothing', async () => {
    const { code, out } = await run(file('none.csv'));
    expect(code).toBe(0);
    expect(out).toContain('default: a: the table has no other alternative');
    expect(out).not.toContain('lead of');
  });

  it.each([
    [
      'ties',
      'criterion,better,worst,best,a,b\nx,higher,0,9,4,4\n',
      [
        'default: open: a = b, first equally often, in 50 % of the samples each',
        'x: the same for all, so it cannot matter',
      ],
    ],
    [
      'zero and negative figures, with the methods that have no result and why',
      'criterion,better,a,b\ngain,higher,-2,3\nloss,lower,0,1\n',
      [
        'no result, since gain: figures below zero have no shares of a sum: weighted sum (sum: x / Σx; costs by their reciprocals); weighted product',
        'no result, since loss: less is better, and a figure that is not above zero has no reciprocal that means that: ',
      ],
    ],
    [
      'a criterion with no measurement',
      'criterion,better,a,b\nx,higher,1,2\ny,higher,,\n',
      ['y: no figure under a, b; the value there is 0', 'no result, since y: there is no figure under a: '],
    ],
  ])('says %s', async (name, text, said) => {
    const path = file(`${name.slice(0, 4)}.csv`);
    writeFileSync(path, text);
    const { code, out } = await run(path);
    expect(code).toBe(0);
    for (const each of said) expect(out).toContain(each);
  });

  it('says that all gates failed, and compares nothing', async () => {
    const path = file('gates.yaml');
    writeFileSync(
      path,
      `title: None
alternatives: [a, b]
criteria: [{id: x, better: lower, figures: {a: 4, b: 5}}]
gates: [{id: low, criterion: x, atMost: 1}]
profiles: [{id: any, weights: {unknown: true}}]
`,
    );
    const { out } = await run(path);
    expect(out).toContain('any: no alternative passes every gate, so none is preferred');
    expect(out).toContain('a fails the gate low: x may be 4, above 1');
    expect(out).not.toContain('methods:');
  });

  it('ends with 2 for a table with a mistake and says where, in JSON too', async () => {
    const { code, note } = await run(file('wrong.csv'));
    expect([code, note]).toEqual([
      2,
      `${file('wrong.csv')}:1:18: profiles[0].weights.points: the points sum to 90\n  expected a sum of 100\n  10 are missing\n`,
    ]);
    const json = await run(file('wrong.csv'), '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      errors: [{ code: 'inconsistent', line: 1, column: 18, field: 'profiles[0].weights.points' }],
    });
  });

  it('ends with 2 for a file that is not there', async () => {
    expect(await run(file('car.yaml'))).toMatchObject({ code: 2, out: '' });
  });
});

it('the package exports the module as physmap/decision', () => {
  const script = "import('physmap/decision').then((module) => console.log(Object.keys(module).includes('analyse')))";
  expect(execFileSync(process.execPath, ['-e', script], { cwd: packageRoot(), encoding: 'utf8' })).toBe('true\n');
});

it('rows are aligned: the first column to the left, the others to the right', () => {
  expect(alignRows([['', 'a'], ['long', 'bcd'], ['x']])).toEqual(['        a', 'long  bcd', 'x']);
});
