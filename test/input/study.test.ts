import { describe, expect, it } from 'vitest';
import { format } from '../../input/user-error.js';
import { draftOf, mistakesIn, smallStudy, withChange } from './small-study.js';

function messagesFor(text: string): readonly string[] {
  return mistakesIn(() => draftOf(text)).map(format);
}

describe('a study without mistakes', () => {
  const { study } = draftOf(smallStudy);

  it('has its tree of criteria as a list, each with the titles of the groups above it', () => {
    expect(study.criteria.map(({ id, group }) => [id, group])).toEqual([
      ['downtime', ['Measured']],
      ['months', []],
    ]);
  });

  it("has its value function's points in the criterion's unit", () => {
    const downtime = study.criteria[0];
    expect(downtime.kind === 'measured' && downtime.value).toEqual({
      kind: 'piecewise',
      points: [
        { at: 30, value: 1 },
        { at: 3000, value: 0 },
      ],
    });
  });

  it('has judgements as numbers, and "because" as their rationale', () => {
    const months = study.criteria[1];
    expect(months.kind === 'judged' && months.judgements['move']).toEqual({
      low: 2,
      likely: 6,
      high: 12,
      rationale: 'Much moves.',
      source: 'judgement',
    });
  });

  it('has the defaults filled in: seed, draws, samples, the first profile, titles as labels', () => {
    expect([study.seed, study.draws, study.samples, study.defaultProfile]).toEqual([1, 16, 4096, 'user']);
    expect(study.alternatives.map(({ short }) => short)).toEqual(['Stay', 'Move']);
    expect(study.alternatives[0].roles).toEqual({
      control: { model: 'direct', options: { access: 'trusted' }, hypothetical: false },
    });
  });
});

describe('each mistake is reported with its place, what was expected and the nearest valid name', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    [
      'an unknown key',
      'baseline: stay',
      'basline: stay',
      'small.yaml:6:1: basline: there is no key "basline" here\n' +
        '  expected one of "id", "title", "question", "description", "platform", "baseline", "seed", "draws", "samples", "defaultProfile", … (17 in all)\n' +
        '  did you mean "baseline"?',
    ],
    [
      'an unknown key of a criterion deep in a group',
      '        metric: downtime',
      '        metrik: downtime',
      'small.yaml:31:9: criteria[0].criteria[0].metrik: there is no key "metrik" here\n' +
        '  expected one of "id", "title", "description", "kind", "workload", "metric", "unit" or "value"\n' +
        '  did you mean "metric"?',
    ],
    [
      'a quantity of another dimension',
      '{at: 3 s, value: 0}',
      '{at: 3 MiB, value: 0}',
      'small.yaml:33:45: criteria[0].criteria[0].value[1].at: "MiB" is a unit of size\n  expected a number and a unit of ns, µs, ms, s, min, h',
    ],
    [
      'a quantity without its unit',
      '{at: 30 ms, value: 1}',
      '{at: 30, value: 1}',
      'small.yaml:33:22: criteria[0].criteria[0].value[0].at: "30" has no unit\n' +
        '  expected a number and a unit of ns, µs, ms, s, min, h\n' +
        '  write "30 ms" if that is what you mean',
    ],
    [
      'a quantity below zero',
      'low: 2 months',
      'low: -2 months',
      'small.yaml:44:19: criteria[1].judgements.move.low: "-2 months" is below zero\n  expected a quantity of zero or more',
    ],
    [
      'an unknown kind of criterion',
      'kind: judged',
      'kind: jugded',
      'small.yaml:37:11: criteria[1].kind: there is no kind of criterion "jugded"\n' +
        '  expected one of "measured", "capability" or "judged" (or "group" and "criteria" for a group)\n' +
        '  did you mean "judged"?',
    ],
    [
      'a criterion of a workload that the study does not run',
      '        workload: migration/uniform-writer',
      '        workload: migration/uniform-writter',
      'small.yaml:30:19: criteria[0].criteria[0].workload: there is no workload of this study "migration/uniform-writter"\n' +
        '  expected "migration/uniform-writer"\n' +
        '  did you mean "migration/uniform-writer"?',
    ],
    [
      'a baseline that is no alternative',
      'baseline: stay',
      'baseline: stey',
      'small.yaml:6:11: baseline: there is no alternative "stey"\n  expected one of "stay" or "move"\n  did you mean "stay"?',
    ],
    [
      'points that do not sum to 100',
      'points: 40',
      'points: 38',
      'small.yaml:50:5: profiles[0].weights: the points sum to 98\n  expected a sum of 100\n  2 are missing',
    ],
    [
      'a criterion without points',
      '      months: {points: 40, because: It can wait.}\n',
      '',
      'small.yaml:51:7: profiles[0].weights.months: "months" is missing\n  expected points for every criterion; 0 is allowed',
    ],
    [
      'a likely value above the high one',
      'likely: 6 months',
      'likely: 13 months',
      'small.yaml:44:13: criteria[1].judgements.move: low 2, likely 13, high 12 are not in this order\n  expected low ≤ likely ≤ high',
    ],
    [
      'an alternative without a judgement',
      '      move: {low: 2 months, likely: 6 months, high: 12 months, because: Much moves., source: judgement}\n',
      '',
      'small.yaml:43:7: criteria[1].judgements.move: "move" is missing\n  expected a judgement for every alternative',
    ],
    [
      'points of a value function that do not ascend',
      '{at: 12 months, value: 0}',
      '{at: 0 months, value: 0}',
      'small.yaml:41:14: criteria[1].value[1].at: 0 does not come after 0\n  expected points in ascending order of "at"',
    ],
    [
      'an id that is there twice',
      '  - id: move',
      '  - id: stay',
      'small.yaml:13:9: alternatives[1].id: "stay" is there twice\n  expected each id once',
    ],
    [
      'a role that no host has',
      '      control: {model: p2m, hypothetical: true}',
      '      controll: {model: p2m, hypothetical: true}',
      'small.yaml:17:7: alternatives[1].roles.controll: there is no key "controll" here\n' +
        '  expected one of "control", "driver" or "guest"\n' +
        '  did you mean "control"?',
    ],
    [
      'an option of the wrong type',
      'hypothetical: true',
      'hypothetical: maybe',
      'small.yaml:17:43: alternatives[1].roles.control.hypothetical: "maybe" does not fit here\n  expected true or false',
    ],
    ['a missing key', 'question: Which one?\n', '', 'small.yaml:1:1: question: "question" is missing\n  expected text'],
    [
      'a spread that is no share',
      'spread: 0.5',
      'spread: 50',
      'small.yaml:49:13: profiles[0].spread: "50" is out of range\n  expected at most 1',
    ],
    [
      'a text with a comma in braces',
      'because: It hurts.',
      'because: It hurts, much.',
      'small.yaml:51:49: profiles[0].weights.downtime.much.: there is no key "much." here\n  expected one of "points" or "because"\n  inside { } a text with a comma or a colon has to stand in quotes',
    ],
    [
      'an id that could not be a file name',
      'id: small',
      'id: ../small',
      'small.yaml:1:5: id: "../small" does not fit here\n  expected text of small letters, digits, "." and "-"',
    ],
  ];

  it.each(cases)('%s', (_title, from, to, message) => {
    const messages = messagesFor(withChange(from, to));
    expect(messages).toContain(message);
  });

  it('all mistakes of a file, in the order in which they stand', () => {
    const text = withChange('baseline: stay', 'basline: stay')
      .replace('unit: ms', 'unit: MiB')
      .replace('points: 40', 'pionts: 40');
    const lines = mistakesIn(() => draftOf(text)).map(({ where }) => where.line);
    expect(lines).toEqual([1, 6, 33, 33, 52, 52]);
  });
});
