import { describe, expect, test } from 'vitest';
import type { ReportChart } from '../../contracts/report-charts.js';
import type { RunResult, RunStation } from '../../contracts/run.js';
import { NARROW, WIDE } from '../../report/charts/style.js';
import { indexRuns } from '../../report/run-index.js';
import { chainChart } from '../../report/sections/chain.js';
import { partsChart } from '../../report/sections/parts.js';
import { stackChart } from '../../report/sections/stack.js';
import { smallInput } from './fixtures/small.js';
import { expectPicture } from './golden-picture.js';

const { study, runs } = smallInput();
const index = indexRuns(runs);
const NOTHING = { mapped: 0, copiedIn: 0, copiedOn: 0, handedOn: 0, refusedBy: null };
const station = (name: string, own: Partial<RunStation>): RunStation => ({
  name,
  model: name === 'device' ? null : 'p2m',
  ...NOTHING,
  ...own,
});

const CHAINS: Readonly<Record<string, readonly RunStation[]>> = {
  stay: [
    station('guest', {}),
    station('firewall', { mapped: 1, copiedOn: 1500, refusedBy: 'own-memory' }),
    station('driver', { mapped: 1 }),
    station('device', {}),
  ],
  moved: [station('firewall', { refusedBy: 'grant-map' }), station('driver', {}), station('device', {})],
};
const CYCLES: Readonly<Record<string, readonly number[]>> = { stay: [100, 4000, 9], moved: [3000, 500, 0] };

const all = study.alternatives.map((alternative) => ({
  alternative,
  runs: index(alternative.id, 'suite/moving').map((run): RunResult => {
    const [chain, cycles] = [CHAINS[alternative.id], CYCLES[alternative.id]];
    if (chain === undefined || cycles === undefined) return run;
    const total = cycles.reduce((sum, each) => sum + each, 0);
    const parts = cycles.map((value, at) => ({ title: ['grants', 'copy', 'rings'][at], waiting: false, value }));
    const cpu = { value: total, unit: 'cycles', better: 'lower' as const, title: 'CPU cycles a packet' };
    return { ...run, chain, metrics: { ...run.metrics, cpu }, parts: { ...run.parts, cpu: parts } };
  }),
}));
const way = chainChart('way', 'Sending', all, (model) => (model === 'p2m' ? 'P2M' : model))!;
const stack = stackChart('way', 'Sending', 'cpu', all)!;

describe('the way of a page', () => {
  test('each step says what the one that has the page does, then the one that gets it; the device reads what arrives', () => {
    const [stay] = way.panels;
    expect(stay.note).toBe('1 copy, 1\u202f500\u202fB a packet');
    expect(stay.stations.map(({ label, passages }) => [label, passages.map(({ kind }) => kind)])).toEqual([
      ['guest · P2M', ['mapped']],
      ['firewall · P2M', ['refused', 'copied', 'mapped']],
      ['driver · P2M', ['read by DMA']],
      ['device', []],
    ]);
    expect(stay.stations[1].passages[0].text).toBe('refused: own-memory');
  });

  test('a way that is refused begins where it was, and says that nothing arrives; one that was never run says why', () => {
    const [, moved, wait] = way.panels;
    expect(moved.note).toBe('no packet arrives');
    expect(moved.stations.map(({ passages }) => passages.map(({ text }) => text))).toEqual([
      ['refused: grant-map'],
      [],
      [],
    ]);
    expect(wait).toMatchObject({ stations: [], absent: 'refused, migrate: same-frames-free' });
    expect(way.table.groups[0].rows.map(({ cells }) => cells[1].text)).toEqual([
      'not reached',
      'refused: grant-map',
      'nothing goes',
    ]);
  });

  test('there is none where no run has one', () => {
    const bare = all.map(({ alternative }) => ({ alternative, runs: index(alternative.id, 'suite/moving') }));
    expect(chainChart('way', 'Sending', bare, String)).toBeNull();
  });
});

describe('what work is spent on', () => {
  test('every bar has the same parts in the same order, the widest of all first, and they sum to the whole', () => {
    expect(stack.keys).toEqual(['copy', 'grants', 'all else']);
    expect(stack.bars.map(({ parts }) => parts)).toEqual([
      [4000, 100, 9],
      [500, 3000, 0],
      [0, 0, 0],
    ]);
    expect(stack.bars[2]).toMatchObject({ absent: true, text: 'refused' });
    expect(stack.table.groups[0].rows.map(({ title }) => title)).toEqual(['grants', 'copy', 'rings', 'All of it']);
  });

  test('work is a stack, and time along a path has bars of its own', () => {
    expect(partsChart('way', 'Sending', 'cpu', all)).toBeNull();
    expect(stackChart('way', 'Sending', 'downtime', all)).toBeNull();
  });
});

const PICTURES: readonly (readonly [string, ReportChart, number])[] = [
  ['chain-wide', way, WIDE],
  ['chain-narrow', way, NARROW],
  ['stack-wide', stack, WIDE],
  ['stack-narrow', stack, NARROW],
];

test.each(PICTURES)('the picture %s is what it was, with words for who does not see it', (name, chart, width) =>
  expectPicture(name, chart, width),
);
