import { describe, expect, test } from 'vitest';
import type { ReportChart } from '../../contracts/report-charts.js';
import type { RunMetric, RunResult } from '../../contracts/run.js';
import { NARROW, WIDE } from '../../report/charts/style.js';
import { indexRuns } from '../../report/run-index.js';
import { blockedChart } from '../../report/sections/blocked.js';
import { nodesCharts } from '../../report/sections/nodes.js';
import { namesOf } from '../../report/names.js';
import { smallInput } from './fixtures/small.js';
import { expectPicture } from './golden-picture.js';

const input = smallInput();
const { study, runs } = input;
const index = indexRuns(runs);

/** The runs of a workload, with metrics of our own under some alternatives. */
const allWith = (given: (alternative: string, draw: number) => Readonly<Record<string, RunMetric>> | undefined) =>
  study.alternatives.map((alternative) => ({
    alternative,
    runs: index(alternative.id, 'suite/moving').map((run): RunResult => ({
      ...run,
      metrics: { ...run.metrics, ...given(alternative.id, run.draw) },
    })),
  }));

const blockedBy = (kernel: number, device: number, otherwise: number): Readonly<Record<string, RunMetric>> => {
  const frames = (value: number, title: string) => ({ value, unit: 'frames', better: 'lower' as const, title });
  return {
    blockedByKernel: frames(kernel, 'Frames that the kernel blocks'),
    blockedByDevice: frames(device, 'Frames that a device blocks'),
    blockedOtherwise: frames(otherwise, 'Frames that something else blocks'),
  };
};
const BLOCKED: Readonly<Record<string, Readonly<Record<string, RunMetric>>>> = {
  stay: blockedBy(120, 40, 8),
  moved: blockedBy(0, 0, 0),
};
const blocked = blockedChart(
  'way',
  'Removing',
  allWith((id) => BLOCKED[id]),
)!;

describe('what blocks a removal', () => {
  test('a part for each kind in the same order, which sum to all frames that block', () => {
    expect(blocked.keys).toEqual([
      'frames that the kernel blocks',
      'frames that a device blocks',
      'frames that something else blocks',
    ]);
    expect(blocked.bars[0]).toMatchObject({ parts: [120, 40, 8], text: '168\u202fframes', absent: false });
    expect(blocked.summary).toContain('stay: 168\u202fframes, most of it frames that the kernel blocks');
  });

  test('nothing that blocks is a bar of nothing, and a removal that was refused at once says so', () => {
    expect(blocked.bars[1]).toMatchObject({ parts: [0, 0, 0], text: '0\u202fframes', absent: false });
    expect(blocked.bars[2]).toMatchObject({ parts: [0, 0, 0], text: 'refused', absent: true });
    expect(blocked.summary).toContain('move: 0\u202fframes;');
    expect(blocked.table.groups[0].rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['120', '0', 'refused'],
      ['40', '0', 'refused'],
      ['8', '0', 'refused'],
      ['168', '0', 'refused'],
    ]);
  });

  test('there is none where no run counts them, or where nothing blocks under any alternative', () => {
    expect(
      blockedChart(
        'way',
        'Removing',
        allWith(() => undefined),
      ),
    ).toBeNull();
    expect(
      blockedChart(
        'way',
        'Removing',
        allWith((id) => (id === 'wait' ? undefined : BLOCKED['moved'])),
      ),
    ).toBeNull();
  });
});

const onNodes = (localShare: number, accessTime: number): Readonly<Record<string, RunMetric>> => ({
  localShare: { value: localShare, unit: '%', better: 'higher', title: 'Accesses to near memory' },
  accessTime: { value: accessTime, unit: 'ns', better: 'lower', title: 'Time of an access' },
});
/** Figures of the two workloads at draw 0; each later draw is slower. */
const NODES: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  'suite/moving': { stay: [100, 40], moved: [25, 90] },
  own: { stay: [50, 60], moved: [50, 65] },
};
const withNodes = runs.map((run): RunResult => {
  const found = NODES[run.workload]?.[run.alternative];
  return found === undefined ? run : { ...run, metrics: onNodes(found[0], found[1] + 2 * run.draw) };
});
const chartsOfNodes = (of: readonly RunResult[]) => nodesCharts(input, indexRuns(of), namesOf(input));
const [nodes] = chartsOfNodes(withNodes);
if (nodes?.kind !== 'pairs') throw new Error('no chart of nodes');

describe('memory near and far', () => {
  test('one chart over all workloads that state both measures, a group each, a row an alternative', () => {
    expect(nodes.groups.map(({ title, rows }) => [title, rows.map(({ label }) => label)])).toEqual([
      ['Moving', ['stay', 'move', 'wait']],
      ['My own workload', ['stay', 'move', 'wait']],
    ]);
    expect(nodes.groups[0].rows[1].figures?.map(({ mid }) => mid)).toEqual([25, 93]);
    expect(nodes.groups[0].rows[1].figures?.map(({ text }) => text)).toEqual(['25\u202f%', '93\u202fns']);
    expect(nodes.table.groups[1].rows[0].cells.map(({ text }) => text)).toEqual(['50\u202f%', '63\u202fns']);
  });

  test('a share ends at 100 %, a time at the longest of all, and the interval is that of the draws', () => {
    expect(nodes.measures.map(({ end }) => end)).toEqual([100, nodes.groups[0].rows[1].figures?.[1].high]);
    for (const { rows } of nodes.groups)
      for (const { low, mid, high } of rows.flatMap(({ figures }) => figures ?? []))
        expect([low <= mid, mid <= high]).toEqual([true, true]);
  });

  test('an alternative that was refused says so in place of figures', () => {
    expect(nodes.groups[0].rows[2]).toEqual({
      label: 'wait',
      figures: null,
      absent: 'refused, migrate: same-frames-free',
    });
    expect(nodes.summary).toContain('wait refused, migrate: same-frames-free');
  });

  test('a workload that states one of the two only is left out, and there is none where all do', () => {
    const half = withNodes.map((run): RunResult => {
      const { localShare: _, ...rest } = run.metrics;
      return run.workload === 'own' ? { ...run, metrics: rest } : run;
    });
    const [chart] = chartsOfNodes(half);
    expect(chart?.kind === 'pairs' && chart.groups.map(({ title }) => title)).toEqual(['Moving']);
    expect(chartsOfNodes(runs)).toEqual([]);
  });
});

const PICTURES: readonly (readonly [string, ReportChart, number])[] = [
  ['blocked-wide', blocked, WIDE],
  ['blocked-narrow', blocked, NARROW],
  ['nodes-wide', nodes, WIDE],
  ['nodes-narrow', nodes, NARROW],
];

test.each(PICTURES)('the picture %s is what it was, with words for who does not see it', (name, chart, width) =>
  expectPicture(name, chart, width),
);
