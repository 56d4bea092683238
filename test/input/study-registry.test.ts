import { describe, expect, it } from 'vitest';
import type { RegisteredPlatform, Registry } from '../../input/registry.js';
import { checkStudyAgainst } from '../../input/study-registry.js';
import { format } from '../../input/user-error.js';
import { draftOf, mistakesIn, smallStudy, withChange } from './small-study.js';

const ia64: RegisteredPlatform = {
  id: 'ia64-2006',
  conditions: {},
  models: {
    direct: { control: 'exists', driver: 'hypothetical' },
    p2m: { control: 'hypothetical' },
    insert: { control: 'exists', guest: 'exists' },
  },
  onlyWith: {},
  defaultModels: { control: { model: 'direct' }, driver: { model: 'insert' }, guest: { model: 'insert' } },
};

/** Nested is there for the control domain with an IOMMU or without DMA, for a driver domain with an IOMMU. */
const arm64: RegisteredPlatform = {
  id: 'arm64',
  conditions: {
    iommu: { values: ['all', 'some', 'none'], default: 'none' },
    controlDma: { values: ['some', 'none'], default: 'some' },
  },
  models: {
    direct: { control: 'exists', driver: 'exists' },
    insert: { guest: 'exists' },
    p2m: { control: 'hypothetical', driver: 'exists' },
  },
  onlyWith: {
    p2m: { control: [{ iommu: 'all' }, { controlDma: 'none' }], driver: [{ controlDma: 'some' }] },
  },
  defaultModels: { control: { model: 'direct' }, driver: { model: 'p2m' }, guest: { model: 'insert' } },
};

const registry: Registry = {
  workloads: [
    {
      id: 'migration/uniform-writer',
      parameters: {
        guestMemory: { default: 0.25, unit: 'GiB', min: 0.0625, max: 4 },
        writeRate: { default: 1000, unit: 'pages/s' },
      },
      metrics: { downtime: { unit: 'ms' }, totalTime: { unit: 's' } },
    },
    { id: 'control-domain/reach', parameters: {}, metrics: {} },
  ],
  platforms: {
    ids: ['ia64-2006', 'arm64'],
    read: (id) => (id === 'arm64' ? arm64 : ia64),
  },
  models: [
    { id: 'direct', options: { access: ['trusted', 'restricted'] } },
    { id: 'p2m', options: {} },
    { id: 'insert', options: { exposedP2m: [true, false] } },
  ],
  operations: ['migrate', 'balloon'],
};

function messagesFor(text: string): readonly string[] {
  return mistakesIn(() => checkStudyAgainst(draftOf(text), registry)).map(format);
}

it("parameters become numbers in the workload's own unit", () => {
  const study = checkStudyAgainst(draftOf(smallStudy), registry);
  expect(study.workloads).toEqual([
    { id: 'migration/uniform-writer', parameters: { guestMemory: 0.25, writeRate: 20_000 } },
  ]);
});

describe('each name that nobody has is reported with the nearest one', () => {
  it.each([
    [
      'a workload',
      smallStudy.replaceAll('migration/uniform-writer', 'migration/unifrom-writer'),
      'small.yaml:19:9: workloads[0].id: there is no workload "migration/unifrom-writer"\n' +
        '  expected one of "migration/uniform-writer" or "control-domain/reach"\n' +
        '  did you mean "migration/uniform-writer"?',
    ],
    [
      'a parameter',
      withChange('guestMemory:', 'guestMemroy:'),
      'small.yaml:20:18: workloads[0].parameters.guestMemroy: migration/uniform-writer has no parameter "guestMemroy"\n' +
        '  expected one of "guestMemory" or "writeRate"\n' +
        '  did you mean "guestMemory"?',
    ],
    [
      'a metric',
      withChange('metric: downtime', 'metric: downtimes'),
      'small.yaml:31:17: criteria[0].criteria[0].metric: there is no metric of migration/uniform-writer "downtimes"\n' +
        '  expected one of "downtime" or "totalTime"\n' +
        '  did you mean "downtime"?',
    ],
    [
      'an operation, which would otherwise never be refused and make its gate hold',
      withChange('operation: migrate', 'operation: migrat'),
      'small.yaml:22:87: gates[0].operation: there is no operation "migrat"\n' +
        '  expected one of "migrate" or "balloon"\n' +
        '  did you mean "migrate"?',
    ],
    [
      'a platform',
      withChange('platform: ia64-2006', 'platform: ia64'),
      'small.yaml:5:11: platform: there is no platform "ia64"\n  expected one of "ia64-2006" or "arm64"\n  did you mean "ia64-2006"?',
    ],
    [
      'a memory model',
      withChange('model: p2m', 'model: pm2'),
      'small.yaml:17:24: alternatives[1].roles.control.model: there is no memory model "pm2"\n' +
        '  expected one of "direct", "p2m" or "insert"\n' +
        '  did you mean "p2m"?',
    ],
    [
      'an option of a model',
      withChange('options: {access:', 'options: {acess:'),
      'small.yaml:12:42: alternatives[0].roles.control.options.acess: direct has no option "acess"\n' +
        '  expected "access"\n' +
        '  did you mean "access"?',
    ],
    [
      'a value of an option',
      withChange('access: trusted', 'access: trustd'),
      'small.yaml:12:50: alternatives[0].roles.control.options.access: "trustd" is no value of access\n' +
        '  expected one of "trusted" or "restricted"\n' +
        '  did you mean "trusted"?',
    ],
    [
      'a model that never was, unless it is asked for by that word',
      withChange(', hypothetical: true', ''),
      'small.yaml:17:24: alternatives[1].roles.control.model: ia64-2006 never had a control domain of the model p2m\n' +
        '  expected "hypothetical: true" beside it, to ask for what never existed',
    ],
    [
      'a model that cannot be had in a role',
      withChange('control: {model: p2m, hypothetical: true}', 'guest: {model: p2m, hypothetical: true}'),
      'small.yaml:17:22: alternatives[1].roles.guest.model: ia64-2006 has no p2m for the role guest\n  expected "insert"',
    ],
  ])('%s', (_title, text, message) => {
    expect(messagesFor(text)).toContain(message);
  });
});

describe('a model that is there only under a condition', () => {
  const onArm = (conditions: string, hypothetical = true) =>
    smallStudy
      .replace('platform: ia64-2006', 'platform: arm64')
      .replace('{model: p2m, hypothetical: true}', hypothetical ? '{model: p2m, hypothetical: true}' : '{model: p2m}')
      .replace('    description: As it may be.\n', `    description: As it may be.\n${conditions}`);
  const needs = 'iommu: all, or controlDma: none';

  it.each([['    given: {iommu: all}\n'], ['    given: {controlDma: none, iommu: all}\n']])(
    'is had under %j',
    (given) => {
      expect(
        messagesFor(
          onArm(given).replace(
            'roles:\n      control: {model: p2m',
            'roles:\n      driver: {model: direct}\n      control: {model: p2m',
          ),
        ),
      ).toEqual([]);
    },
  );

  it.each([
    ['    given: {iommu: some}\n', 'here iommu: some and controlDma: some', 18],
    ['', 'here iommu: none and controlDma: some', 17],
  ])('is refused under %j, with what it needs and what there is', (given, found, line) => {
    expect(messagesFor(onArm(given))).toEqual([
      `small.yaml:${line}:24: alternatives[1].roles.control.model: arm64 has p2m for the role control only with ${needs}; ${found}\n` +
        `  expected "given: {…}" of this alternative to say ${needs}, or another model`,
    ]);
  });

  it('still has to be asked for by the word "hypothetical" where it never was', () => {
    expect(messagesFor(onArm('    given: {iommu: all}\n', false))).toEqual([
      'small.yaml:18:24: alternatives[1].roles.control.model: arm64 never had a control domain of the model p2m\n' +
        '  expected "hypothetical: true" beside it, to ask for what never existed',
    ]);
  });

  it('cannot be the model of a role that the alternative does not name', () => {
    expect(messagesFor(onArm('    given: {controlDma: none}\n'))).toEqual([
      'small.yaml:16:12: alternatives[1].given: rules out p2m, which the role driver has on arm64 unless an alternative names it: ' +
        'that needs controlDma: some; here controlDma: none\n' +
        '  expected a model for driver under "roles", or other conditions',
    ]);
  });

  it.each([
    [
      '{iommmu: all}',
      'given.iommmu: there is no condition of arm64 "iommmu"\n  expected one of "iommu" or "controlDma"\n  did you mean "iommu"?',
    ],
    [
      '{iommu: al}',
      'given.iommu: there is no value of iommu "al"\n  expected one of "all", "some" or "none"\n  did you mean "all"?',
    ],
  ])('%s is reported with the nearest name', (given, message) => {
    const messages = messagesFor(onArm(`    given: ${given}\n`));
    expect(messages.map((each) => each.replace(/^small\.yaml:\d+:\d+: alternatives\[1\]\./u, ''))).toEqual([message]);
  });
});

it('a role that is not named and has a model that the engine does not have is reported where it would be named', () => {
  const without = { ...registry, models: registry.models!.filter(({ id }) => id !== 'insert') };
  const messages = mistakesIn(() => checkStudyAgainst(draftOf(smallStudy), without)).map(format);
  expect(messages).toContain(
    'small.yaml:12:7: alternatives[0].roles.guest: the engine does not have insert, which the role guest has on ia64-2006 unless an alternative names it\n' +
      '  expected a model for guest',
  );
});

describe('each parameter that does not fit is reported at its value', () => {
  it.each([
    ['-256 MiB', '"-256 MiB" is below zero\n  expected a quantity of zero or more'],
    [
      '256',
      '"256" has no unit\n  expected a number and a unit of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB\n  write "256 GiB" if that is what you mean',
    ],
    ['256 ms', '"ms" is a unit of time\n  expected a number and a unit of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB'],
    ['1 MiB', '"1 MiB" is out of range\n  expected 0.0625 to 4 GiB'],
  ])('%s', (given, message) => {
    expect(messagesFor(withChange('256 MiB', given))).toEqual([
      `small.yaml:20:31: workloads[0].parameters.guestMemory: ${message}`,
    ]);
  });
});

it('a unit that is not the one in which the metric is measured is reported', () => {
  const text = withChange('unit: ms', 'unit: s');
  expect(messagesFor(text)).toEqual([
    'small.yaml:32:15: criteria[0].criteria[0].unit: "s" is not the unit of downtime\n  expected "ms", in which migration/uniform-writer measures it',
  ]);
});

describe('ranges for flip points', () => {
  const flips = (text: string) => `${smallStudy}flips:\n  - ${text}\n`;
  const writeRate = 'workload: migration/uniform-writer, parameter: writeRate';

  it('are numbers in the parameter’s own unit', () => {
    const { flips: ranges } = checkStudyAgainst(
      draftOf(flips('{workload: migration/uniform-writer, parameter: guestMemory, from: 128 MiB, to: 2 GiB}')),
      registry,
    );
    expect(ranges).toEqual([{ workload: 'migration/uniform-writer', parameter: 'guestMemory', low: 0.125, high: 2 }]);
    expect(checkStudyAgainst(draftOf(smallStudy), registry)).not.toHaveProperty('flips');
  });

  it.each([
    ['{workload: migration/none, parameter: writeRate, from: 1 pages/s, to: 2 pages/s}', 'flips[0].workload'],
    ['{workload: migration/uniform-writer, parameter: rate, from: 1 pages/s, to: 2 pages/s}', 'flips[0].parameter'],
    [`{${writeRate}, from: 5 pages/s, to: 5 pages/s}`, 'flips[0].to'],
    [`{${writeRate}, from: 1 MiB, to: 5 pages/s}`, 'flips[0].from'],
    ['{workload: migration/uniform-writer, parameter: guestMemory, from: 1 MiB, to: 1 GiB}', 'flips[0].from'],
    [
      `{${writeRate}, from: 1 pages/s, to: 2 pages/s}\n  - {${writeRate}, from: 1 pages/s, to: 3 pages/s}`,
      'flips[1].parameter',
    ],
  ])('%s is a mistake at %s', (text, field) => {
    const [mistake] = mistakesIn(() => checkStudyAgainst(draftOf(flips(text)), registry));
    expect(mistake?.where?.field).toBe(field);
  });
});
