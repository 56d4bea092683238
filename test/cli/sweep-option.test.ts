import { describe, expect, it } from 'vitest';
import { commandLine } from '../../cli/command-line.js';
import { sweepsAsked } from '../../cli/sweep-option.js';
import type { Study } from '../../contracts/study.js';
import type { LoadedWorkload } from '../../runner/index.js';

const loaded = (id: string, file: string | null = null): LoadedWorkload => ({
  workload: {
    id,
    title: id,
    description: id,
    parameters: {
      rate: { title: 'Rate', default: 10, unit: 'pages/s', min: 1, max: 1e6 },
      width: { title: 'Width', default: 100, unit: '%', min: 1, max: 1000 },
      guests: { title: 'Guests', default: 1, unit: '', min: 1, max: 8 },
    },
    metrics: {
      time: { title: 'Time', unit: 's', better: 'lower' },
      downtime: { title: 'D', unit: 'ms', better: 'lower' },
    },
    run: () => {},
  },
  file,
  code: null,
});

const study = {
  workloads: [{ id: 'a/weighed', parameters: { guests: 2 } }],
  criteria: [{ kind: 'measured', workload: 'a/weighed', metric: 'downtime' }],
} as unknown as Study;
const workloads = [loaded('a/weighed'), loaded('a/other'), loaded('mine/own', 'mine.ts')];
const asked = (text: string) => sweepsAsked(study, workloads, [text])[0];

describe('--sweep', () => {
  it('takes ranges in steps and single values, for one parameter or two', () => {
    expect(asked('a/weighed:rate=10..1000/3,5000,width=50,100 %').axes).toEqual([
      { parameter: 'rate', values: [10, 100, 1000, 5000] },
      { parameter: 'width', values: [50, 100] },
    ]);
  });

  it('shows what the study weighs of the workload, at the study’s parameters; of one of the user’s own its first metric', () => {
    expect(asked('a/weighed:rate=1,2')).toMatchObject({ metrics: ['downtime'], parameters: { guests: 2 } });
    expect(asked('mine/own:rate=1,2')).toMatchObject({ metrics: ['time'], parameters: {} });
  });

  it.each([
    ['a/weighed', 'is no sweep'],
    ['a/weighed:rate', 'is no sweep'],
    ['a/weighed:rat=1,2', 'there is no parameter "a/weighed:rat"'],
    ['a/other:rate=1,2', 'there is no parameter "a/other:rate"'],
    ['a/weighed:rate=1,2,wide=1,2', 'there is no parameter "a/weighed:wide"'],
    ['a/weighed:rate=1,2,rate=3,4', 'names rate, rate'],
    ['a/weighed:rate=1,2,width=1,2,guests=1,2', 'names rate, width, guests'],
    ['a/weighed:rate=1', 'rate has one value'],
    ['a/weighed:rate=5..2/3', 'is no range in steps'],
    ['a/weighed:rate=1..2/1', 'is no range in steps'],
    ['a/weighed:rate=1,2 MiB', 'is a unit of size'],
    ['a/weighed:rate=0,2', 'is out of range'],
  ])('%s is a mistake', (text, message) => {
    expect(() => asked(text)).toThrow(message);
  });

  it('stands in the command that makes the results again', () => {
    const command = commandLine({
      studyFile: 'my.yaml',
      userWorkloads: [],
      sweeps: ['a/weighed:rate=1..9/3,width=50,60'],
    });
    expect(command).toBe('node dist/cli/main.js run my.yaml --sweep a/weighed:rate=1..9/3,width=50,60');
  });
});
