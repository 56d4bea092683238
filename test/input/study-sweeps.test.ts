import { describe, expect, it } from 'vitest';
import type { Registry } from '../../input/registry.js';
import { checkStudyAgainst } from '../../input/study-registry.js';
import { format } from '../../input/user-error.js';
import { draftOf, mistakesIn, smallStudy } from './small-study.js';

const registry: Registry = {
  workloads: [
    {
      id: 'migration/uniform-writer',
      parameters: {
        guestMemory: { default: 256, unit: 'MiB', min: 64, max: 2048 },
        writeRate: { default: 1000, unit: 'pages/s', min: 1, max: 1e6 },
        tool: { default: 0, unit: '', min: 0, max: 2 },
      },
      metrics: { downtime: { unit: 'ms' }, totalTime: { unit: 's' } },
    },
  ],
};

const withSweep = (fields: string): string =>
  `${smallStudy}sweeps:\n  - {id: grid, workload: migration/uniform-writer, because: So., metrics: [downtime], ${fields}}\n`;
const read = (fields: string) => checkStudyAgainst(draftOf(withSweep(fields)), registry).sweeps;
const mistakes = (text: string): readonly string[] =>
  mistakesIn(() => checkStudyAgainst(draftOf(text), registry)).map((error) => format(error));

describe('a sweep', () => {
  it('has the study’s parameters, its own in their place, and its axes in the order in which they stand', () => {
    const sweep = 'parameters: {guestMemory: 64 MiB}, sweep: {writeRate: [2000 pages/s, 1000 pages/s], tool: [0, 2]}';
    expect(read(sweep)).toEqual([
      {
        id: 'grid',
        workload: 'migration/uniform-writer',
        because: 'So.',
        parameters: { guestMemory: 64, writeRate: 20_000 },
        axes: [
          { parameter: 'writeRate', values: [1000, 2000] },
          { parameter: 'tool', values: [0, 2] },
        ],
        metrics: ['downtime'],
      },
    ]);
  });

  it('divides a range by equal factors where its ends are twenty times apart, and evenly else or where it says so', () => {
    const valuesOf = (range: string) => read(`sweep: {writeRate: {${range}}}`)![0].axes[0].values;
    expect(valuesOf('from: 500 pages/s, to: 16000 pages/s, steps: 6')).toEqual([500, 1000, 2000, 4000, 8000, 16_000]);
    expect(valuesOf('from: 500 pages/s, to: 2000 pages/s, steps: 4')).toEqual([500, 1000, 1500, 2000]);
    expect(valuesOf('from: 1000 pages/s, to: 4000 pages/s, steps: 3, scale: log')).toEqual([1000, 2000, 4000]);
  });

  it('takes whole numbers of a count, each once', () => {
    expect(read('sweep: {tool: {from: 0, to: 2, steps: 6}}')![0].axes[0].values).toEqual([0, 1, 2]);
  });

  it('is left out of a study that has none', () => {
    expect(checkStudyAgainst(draftOf(smallStudy), registry)).not.toHaveProperty('sweeps');
  });

  it.each([
    ['sweep: {rate: [1 pages/s, 2 pages/s]}', 'sweeps[0].sweep.rate: there is no parameter'],
    ['sweep: {writeRate: [1 pages/s, 2 MiB]}', 'sweeps[0].sweep.writeRate[1]: "MiB" is a unit of size'],
    ['sweep: {writeRate: [1 pages/s, 1 pages/s]}', 'sweeps[0].sweep.writeRate: a value is there twice'],
    ['sweep: {writeRate: [1 pages/s]}', 'sweeps[0].sweep.writeRate'],
    ['sweep: {guestMemory: [1 MiB, 64 MiB]}', 'sweeps[0].sweep.guestMemory[0]: "1 MiB" is out of range'],
    ['sweep: {writeRate: {from: 5 pages/s, to: 5 pages/s, steps: 2}}', 'sweeps[0].sweep.writeRate.to: from 5'],
    ['sweep: {tool: {from: 0, to: 2, steps: 2, scale: log}}', 'sweeps[0].sweep.tool.from: equal factors'],
    ['sweep: {writeRate: {from: 1 pages/s, to: 5 pages/s, steps: 1}}', 'sweeps[0].sweep.writeRate'],
    ['sweep: {}', 'sweeps[0].sweep: 0 parameters are swept'],
    [
      'sweep: {writeRate: [1 pages/s, 2 pages/s], tool: [0, 1], guestMemory: [64 MiB, 65 MiB]}',
      'sweeps[0].sweep: 3 parameters are swept',
    ],
    ['parameters: {tool: 1}, sweep: {tool: [0, 1]}', 'sweeps[0].parameters.tool: "tool" is swept and set'],
    ['parameters: {memory: 1 MiB}, sweep: {tool: [0, 1]}', 'sweeps[0].parameters.memory: migration/uniform-writer has'],
  ])('%s is a mistake with its place', (fields, message) => {
    expect(mistakes(withSweep(fields))).toEqual([expect.stringContaining(message)]);
  });

  it('names a workload and metrics that there are', () => {
    const text = withSweep('sweep: {tool: [0, 1]}');
    expect(mistakes(text.replace('metrics: [downtime]', 'metrics: [downtimes]'))).toEqual([
      expect.stringContaining('sweeps[0].metrics[0]: there is no metric of migration/uniform-writer "downtimes"'),
    ]);
    const last = text.lastIndexOf('migration/uniform-writer');
    expect(mistakes(`${text.slice(0, last)}migration/none${text.slice(last + 24)}`)).toEqual([
      expect.stringContaining('sweeps[0].workload: there is no workload of this study "migration/none"'),
    ]);
  });
});
