import { expect, test } from 'vitest';
import { seriesNames } from '../../report/sections/series.js';
import { timeLineChart } from '../../report/sections/time-line.js';
import { indexRuns } from '../../report/run-index.js';
import { smallInput } from './fixtures/small.js';

const { study, runs } = smallInput();
const index = indexRuns(runs);
const of = (workload: string) =>
  study.alternatives.map((alternative) => ({ alternative, runs: index(alternative.id, workload) }));
const chart = timeLineChart('moving', 'Moving', of('suite/moving'))!;

test('the time line has a track for each series with times, pauses across them, and ends where the last step ends', () => {
  expect(chart.tracks).toEqual([
    { title: 'Data sent', unit: 'MiB/s', highest: 101.75, blocks: true },
    { title: 'Speed', unit: '%', highest: 100, blocks: false },
  ]);
  expect(chart.end).toBe(2);
  const [stay] = chart.panels;
  expect(stay).toMatchObject({ note: '3 rounds, guest stopped for 50\u202fms', pauses: [{ from: 1.9, to: 1.95 }] });
  expect(stay.steps[0]).toEqual([
    { from: 0, to: 1, value: 101 },
    { from: 1, to: 1.5, value: 101.5 },
    { from: 1.5, to: 1.75, value: 101.75 },
  ]);
});

test('an alternative that was refused has words in place of tracks', () => {
  expect(chart.panels[2]).toMatchObject({ absent: 'refused, migrate: same-frames-free', steps: [[], []], pauses: [] });
});

test('its table has every block, and one row for steps of a curve that differ by less than a hundredth', () => {
  const [blocks, curve] = chart.table.groups;
  expect(blocks.rows.map(({ cells }) => [cells[0].text, cells[0].note])).toEqual([
    ['101', '0 to 1\u202fs'],
    ['102', '1 to 1.50\u202fs'],
    ['102', '1.50 to 1.75\u202fs'],
  ]);
  expect(curve.rows.map(({ cells }) => [cells[0].text, cells[0].note])).toEqual([
    ['99.8 to 100', '0 to 1.50\u202fs'],
    ['60', '1.50 to 2\u202fs'],
  ]);
});

test('series on the time line have no chart of their own, and a workload without any has no time line', () => {
  expect(seriesNames(of('suite/moving'))).toEqual(['pages']);
  expect(timeLineChart('own', 'Own', of('own'))).toBeNull();
});
