import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReportDocument } from '../../contracts/document.js';
import type { ReportTable } from '../../contracts/report-table.js';
import { packageRoot } from '../../input/package-root.js';
import { buildDocument } from '../../report/document.js';
import { readProse } from '../../report/prose.js';
import { smallInput } from './fixtures/small.js';

const prose = readProse(join(packageRoot(), 'templates'));

function build(input = smallInput()): ReportDocument {
  return buildDocument(input, prose);
}

function rowOf(table: ReportTable | null | undefined, title: string) {
  return table?.groups.flatMap((group) => group.rows).find((row) => row.title === title);
}

describe('the verdict', () => {
  test('names the alternative, its odds and its strength for the default profile, and the others in a line each', () => {
    const { main, others } = build().verdict;
    expect(main).toMatchObject({ profile: 'Maintainer', strength: 'clear' });
    expect(main.sentence).toBe(
      'Stay as it is: first in 94\u202f% of the samples (±4\u202f% from the number of samples).',
    );
    expect(others.map(({ profile, strength }) => [profile, strength])).toEqual([['User', 'open']]);
  });

  test('an open verdict recommends nothing', () => {
    const input = smallInput();
    const { main } = build({ ...input, study: { ...input.study, defaultProfile: 'user' } }).verdict;
    expect(main.sentence).toMatch(/^No alternative is first often enough to recommend\./);
  });

  test('without an alternative that passes every gate there is none', () => {
    const input = smallInput();
    const profiles = input.decision.profiles.map((profile) => ({ ...profile, winner: null, odds: 0 }));
    const { main } = build({ ...input, decision: { ...input.decision, profiles } }).verdict;
    expect(main).toMatchObject({
      strength: 'none',
      sentence: 'No alternative passes every gate, so none is recommended.',
    });
  });

  test('states the rule with its two odds', () => {
    expect(build().verdict.rule).toMatch(/90\u202f%.*65\u202f%/);
  });
});

describe('what was refused', () => {
  test('is said with the frame and the rule', () => {
    const [group] = build().findings.groups;
    expect(group).toMatchObject({
      operation: 'migrate',
      model: 'insert',
      rule: 'same-frames-free',
      alternative: 'Wait a year',
    });
    expect(group?.details).toContain('Frame 0x1000 is taken by domain 3.');
    expect(group?.sentence).toContain('in all 3 draws');
  });

  test('has words and no figure wherever a figure would stand', () => {
    const document = build();
    const overview = rowOf(document.overview.criteria, 'Downtime')?.cells[2];
    expect(overview).toMatchObject({ text: 'refused', tone: 'fails', bar: null });
    const [moving] = document.workloads;
    expect(rowOf(moving?.metrics, 'Downtime')?.cells[2]).toMatchObject({
      text: 'refused',
      note: 'migrate: same-frames-free',
      bar: null,
    });
    const downtime = moving?.charts.find((chart) => chart.kind === 'intervals');
    expect(downtime?.panels[0]?.rows[2]).toMatchObject({ interval: null, text: 'refused (migrate: same-frames-free)' });
    const pages = moving?.charts.find((chart) => chart.kind === 'series');
    expect(pages?.panels[2]).toMatchObject({ points: [], absent: 'refused, migrate: same-frames-free' });
    const words = JSON.stringify([overview, downtime?.panels[0]?.rows[2]]);
    expect(words).not.toMatch(/"text":"0/);
  });

  test('a run that failed is told by its words', () => {
    expect(build().findings.failures).toEqual([
      'My own workload under Wait a year failed in 1 draw: The workload divided by zero.',
    ]);
  });

  test('a metric that some draws lack has no figure', () => {
    expect(rowOf(build().workloads[1]?.metrics, 'Requests served')?.cells[2]).toMatchObject({
      text: 'not in every draw',
      note: 'stated in 2 of 3',
      bar: null,
    });
  });

  test('a run that is not there is told too', () => {
    const input = smallInput();
    const document = build({
      ...input,
      runs: input.runs.filter((run) => run.alternative !== 'moved' || run.workload !== 'own'),
    });
    expect(rowOf(document.workloads[1]?.metrics, 'Requests served')?.cells[1]?.text).toBe('not run');
    expect(document.belief.facts).toContain('3 runs of the plan are missing.');
  });
});

describe('the workloads', () => {
  test('a workload that no criterion uses has its metrics with intervals, and says so', () => {
    const own = build().workloads[1];
    expect(own?.use).toMatch(/^No criterion uses this workload/);
    const cell = rowOf(own?.metrics, 'Requests served')?.cells[0];
    expect(cell?.text).toBe('47\u202f850\u202frequests/s');
    expect(cell?.note).toBe('47\u202f805 to 47\u202f895');
    expect(cell?.bar?.high).toBe(1);
  });

  test('pages per round: the median draw, and the spread of the others', () => {
    const chart = build().workloads[0]?.charts.find((each) => each.kind === 'series');
    const [panel] = chart?.panels ?? [];
    expect(panel?.points.map((point) => point.value)).toEqual([4096, 301, 41]);
    expect(panel?.points[1]).toMatchObject({ low: 301, high: 301.95 });
    expect(panel?.note).toBe('3 rounds, 4\u202f438\u202fpages in all');
  });
});

describe('the inputs', () => {
  test('every cost has its source or is marked as assumed', () => {
    const { costs } = build().inputs;
    expect(rowOf(costs, 'Map a page')?.cells.at(-1)).toMatchObject({ text: 'A paper', tone: 'plain' });
    expect(rowOf(costs, 'A hypercall')?.cells.at(-1)).toMatchObject({ text: 'no source', note: 'assumed' });
  });

  test('what is assumed is counted', () => {
    expect(build().belief.facts).toContain('1 of 2 costs is assumed: no source states it.');
  });

  test('files are listed with their hashes, and the command stands as it was given', () => {
    const document = build();
    expect(document.inputs.files.groups[0]?.rows.map((row) => row.title)).toEqual([
      'platforms/toy.yaml',
      'studies/small.yaml',
    ]);
    expect(document.command).toBe('physmap run small\nphysmap flip small --budget 400 --resolution 0.01');
  });
});

describe('what would change this', () => {
  test('says for each parameter where the preference changes, in its own unit, and what to run to know it better', () => {
    const { points, tables, charts, next } = build().flips;
    expect(points).toEqual([
      'Pages written in “Moving” (10\u202f000\u202fpages/s in the study): the preferred alternative changes between 31\u202f620 and 42\u202f170\u202fpages/s, from stay to move.',
      'Memory that it writes in “Moving” (60\u202fMiB in the study): the preferred alternative changes between 25 and 35\u202fMiB, from move to stay; then between 90 and 95\u202fMiB, from stay to move.',
      'Memory of the guest in “Moving” (544\u202fMiB in the study): no change from 64 to 1\u202f024\u202fMiB.',
    ]);
    expect(tables.map(({ id }) => id)).toEqual(['flip-points', 'flip-screening']);
    expect(charts.map(({ id }) => id)).toEqual(['flip-leads']);
    // Three crossings, two halvings each, under three alternatives.
    expect(next?.command).toBe('physmap flip small --budget 418 --resolution 0.0025');
  });

  test('says that nobody has searched, with the command that does', () => {
    const { flips: _, ...input } = smallInput();
    const document = build(input);
    expect(document.flips.introduction).toMatch(/^Nobody has searched yet/);
    expect(document.flips.next?.command).toBe('physmap flip small');
    expect(document.command).toBe('physmap run small');
  });

  test('a search that its budget ended asks for a larger one', () => {
    const input = smallInput();
    const flips = { ...input.flips!, unscreened: ['suite/moving:size'] };
    const { introduction, next } = build({ ...input, flips }).flips;
    expect(introduction).toContain('The budget did not reach suite/moving:size.');
    expect(next?.command).toBe('physmap flip small --budget 800 --resolution 0.01');
  });
});

describe('what bounds a time', () => {
  test('is drawn under each alternative, waiting apart, with parts that sum to the metric', () => {
    const chart = build().workloads[0]?.charts.find(({ kind }) => kind === 'parts');
    if (chart?.kind !== 'parts') throw new Error('no chart of parts');
    expect(chart.panels.map(({ title, note, absent }) => [title, note, absent])).toEqual([
      ['stay', '20\u202fms in all', ''],
      ['move', '40\u202fms in all', ''],
      ['wait', '', 'refused'],
    ]);
    const [stay] = chart.panels;
    expect(stay?.rows.map(({ label, waiting }) => [label, waiting])).toEqual([
      ['send', false],
      ['wait for the wire', true],
      ['all else', false],
    ]);
    expect(stay?.rows.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(20, 12);
    expect(rowOf(chart.table, 'All of it')?.cells.map(({ text }) => text)).toEqual(['20', '40', 'refused']);
  });
});

test('cycles have no critical path: the chart says what they are spent on', () => {
  const input = smallInput();
  const runs = input.runs.map((run) => ({
    ...run,
    metrics: Object.fromEntries(
      Object.entries(run.metrics).map(([name, metric]) => [
        name,
        run.parts?.[name] ? { ...metric, unit: 'cycles' } : metric,
      ]),
    ),
  }));
  const chart = build({ ...input, runs }).workloads[0]?.charts.find(({ kind }) => kind === 'stack');
  if (chart?.kind !== 'stack') throw new Error('no chart of parts');
  expect(chart.title).toMatch(/^What it is spent on: /u);
  expect(`${chart.description} ${chart.table.caption}`).not.toMatch(/bound|critical path/u);
});

test('the first two alternatives are set apart by criterion, and the steps lead from one score to the other', () => {
  const chart = build().standing.charts.find(({ kind }) => kind === 'waterfall');
  if (chart?.kind !== 'waterfall') throw new Error('no waterfall');
  expect(chart.title).toBe('What sets stay apart from move');
  expect(chart.steps[0]?.label).toBe('move');
  expect(chart.steps.at(-1)?.label).toBe('stay');
});

test('a decision of another study is refused', () => {
  const input = smallInput();
  expect(() => build({ ...input, decision: { ...input.decision, study: 'other' } })).toThrow(/do not belong together/);
});

test('the document survives JSON, so that it holds nothing but plain data', () => {
  const document = build();
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
