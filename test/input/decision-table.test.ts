import { describe, expect, it } from 'vitest';
import { parseDecisionTable } from '../../input/decision-table.js';
import { parseCsvTable } from '../../input/decision-table-csv.js';
import { UserError, allErrors, format } from '../../input/user-error.js';
import { parseYaml } from '../../input/yaml-file.js';

const yaml = `title: Cars
alternatives: [a, {id: b, title: The other}]
criteria:
  - {id: price, unit: EUR, better: lower, worst: 20, best: 8, half: 12, figures: {a: 14, b: {low: 9, likely: 10, high: 13}}}
  - group: running
    criteria:
      - {id: fuel, better: lower, figures: {a: 5, b: null}}
      - {id: repairs, kind: judged, points: [{at: 0, value: 1}, {at: 9, value: 0}], figures: {a: 3, b: 4}}
gates:
  - {id: legal, criterion: fuel, atMost: 9}
  - {id: known, fails: {b: nobody has one}}
profiles:
  - id: family
    weights: {points: {price: 40, running: 60}, spread: 0.5}
    within: {running: {order: [fuel, repairs]}}
`;

const read = (text: string) => parseDecisionTable(parseYaml(text, 'cars.yaml'));
const readCsv = (text: string) => parseDecisionTable(parseCsvTable(text, 'cars.csv'));

function mistakesOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return allErrors(error).map(format);
    throw error;
  }
  return [];
}

describe('a decision table in YAML', () => {
  const table = read(yaml);

  it('becomes a tree with every default filled in', () => {
    expect(table).toMatchObject({ title: 'Cars', seed: 1, samples: 16_384 });
    expect(table.alternatives).toEqual([
      { id: 'a', title: 'a' },
      { id: 'b', title: 'The other' },
    ]);
    const [price, running] = table.criteria;
    expect(price).toEqual({
      id: 'price',
      title: 'price',
      kind: 'measured',
      unit: 'EUR',
      value: { kind: 'exponential', better: 'lower', worst: 20, best: 8, half: 12 },
      figures: { a: { low: 14, likely: 14, high: 14 }, b: { low: 9, likely: 10, high: 13 } },
    });
    expect(running).toMatchObject({
      id: 'running',
      criteria: [
        { id: 'fuel', value: { kind: 'linear', worst: null, best: null }, figures: { b: null } },
        { id: 'repairs', kind: 'judged', value: { kind: 'piecewise' } },
      ],
    });
    expect(table.gates).toEqual([
      { kind: 'limit', id: 'legal', title: 'legal', criterion: 'fuel', atLeast: null, atMost: 9 },
      { kind: 'stated', id: 'known', title: 'known', fails: { b: 'nobody has one' } },
    ]);
    expect(table.profiles).toEqual([
      {
        id: 'family',
        title: 'family',
        weights: { kind: 'points', points: { price: 40, running: 60 }, spread: 0.5 },
        within: { running: { kind: 'order', places: [['fuel'], ['repairs']] } },
      },
    ]);
  });

  it('is the same in JSON, which is YAML', () => {
    const json = JSON.stringify(parseYaml(yaml, 'cars.yaml').value, null, 1);
    expect(parseDecisionTable(parseYaml(json, 'cars.json'))).toEqual(table);
  });

  it.each([
    [
      '{swing: {price: 100, running: 40}, spread: 0.2}',
      { kind: 'swing', swings: { price: 100, running: 40 }, spread: 0.2 },
    ],
    [
      '{pairwise: [[price, running, 3]]}',
      { kind: 'pairwise', pairs: [['price', 'running', 3]], randomIndex: 'Saaty 1980', spread: 0 },
    ],
    ['{order: [[price, running]]}', { kind: 'order', places: [['price', 'running']] }],
    ['{unknown: true}', { kind: 'unknown' }],
    [
      '{ranges: {price: {low: 10, likely: 40, high: 50}, running: {low: 20, likely: 60, high: 80}}}',
      {
        kind: 'ranges',
        ranges: { price: { low: 10, likely: 40, high: 50 }, running: { low: 20, likely: 60, high: 80 } },
      },
    ],
  ])('weights %s', (written, expected) => {
    const [{ weights }] = read(yaml.replace('{points: {price: 40, running: 60}, spread: 0.5}', written)).profiles;
    expect(weights).toEqual(expected);
  });

  it.each([
    [
      'figures: {a: 5, b: null}',
      'figures: {a: 5}',
      'cars.yaml:7:44: criteria[1].criteria[0].figures.b: "b" is missing\n  expected a figure for every alternative; null where there is none',
    ],
    [
      '{a: 3, b: 4}',
      '{a: 3, bb: 4, b: 4}',
      'cars.yaml:8:101: criteria[1].criteria[1].figures.bb: there is no alternative "bb"\n  expected one of "a" or "b"\n  did you mean "b"?',
    ],
    [
      'b: {low: 9, likely: 10, high: 13}',
      'b: {low: 11, likely: 10, high: 13}',
      'low 11, likely 10, high 13 are not in this order',
    ],
    [
      '{id: fuel, better: lower,',
      '{id: fuel,',
      'criteria[1].criteria[0].better: "better" is missing\n  expected "higher" or "lower", or "points"',
    ],
    ['{id: fuel, better: lower,', '{id: fuel, beter: lower,', 'there is no key "beter" here'],
    [
      'worst: 20, best: 8',
      'worst: 8, best: 20',
      'worst 8 and best 20 contradict "better: lower"\n  expected worst > best',
    ],
    ['half: 12', 'half: 21', '21 does not lie between worst 20 and best 8'],
    [' best: 8,', '', 'has "half" without both ends'],
    [
      'points: [{at: 0, value: 1}, {at: 9, value: 0}]',
      'points: [{at: 9, value: 1}, {at: 0, value: 0}]',
      '0 does not come after 9',
    ],
    ['kind: judged, points', 'kind: judged, better: lower, points', 'has "points" beside an end or a direction'],
    ['id: repairs', 'id: fuel', 'criteria[1].criteria[1].id: "fuel" is there twice'],
    [
      'criterion: fuel, atMost: 9',
      'criterion: feul, atMost: 9',
      'there is no criterion "feul"\n  expected one of "price", "fuel" or "repairs"\n  did you mean "fuel"?',
    ],
    ['criterion: fuel, atMost: 9', 'criterion: fuel', 'a gate is a limit or a list of those that fail'],
    ['fails: {b:', 'fails: {c:', 'there is no alternative "c"'],
    [
      'price: 40, running: 60',
      'price: 40, running: 50',
      'cars.yaml:14:15: profiles[0].weights.points: the points sum to 90\n  expected a sum of 100\n  10 are missing',
    ],
    ['price: 40, running: 60', 'price: 100', 'profiles[0].weights.points.running: "running" is missing'],
    ['price: 40, running: 60', 'price: 40, runnning: 60', 'there is no member here "runnning"'],
    ['{points: {price: 40, running: 60}, spread: 0.5}', '{spread: 0.5}', 'does not say how it weighs'],
    [
      '{points: {price: 40, running: 60}, spread: 0.5}',
      '{unknown: true, order: [price, running]}',
      'weighs by order and by unknown',
    ],
    [
      '{points: {price: 40, running: 60}, spread: 0.5}',
      '{order: [price, running], spread: 0.5}',
      '"spread" means nothing beside "order"',
    ],
    [
      '{points: {price: 40, running: 60}, spread: 0.5}',
      '{swing: {price: 80, running: 60}}',
      'the most valued swing is 80\n  expected 100 for the most valued',
    ],
    ['{points: {price: 40, running: 60}, spread: 0.5}', '{pairwise: []}', 'not compared: "price" and "running"'],
    [
      '{points: {price: 40, running: 60}, spread: 0.5}',
      '{pairwise: [[price, running, 2], [running, price, 2]]}',
      '"running" and "price" are compared twice',
    ],
    [
      '{points: {price: 40, running: 60}, spread: 0.5}',
      '{ranges: {price: {low: 50, likely: 40, high: 60}, running: {low: 0, likely: 60, high: 80}}}',
      'low 50, likely 40, high 60 are not in this order',
    ],
    ['order: [fuel, repairs]', 'order: [fuel]', '"repairs" has no place'],
    [
      'order: [fuel, repairs]',
      'order: [fuel, repairs, fuel]',
      'profiles[0].within.running.order[2]: "fuel" has two places',
    ],
    ['within: {running: {order: [fuel, repairs]}}', 'within: {}', 'profiles[0].within.running: "running" is missing'],
    ['within: {running:', 'within: {rest: {unknown: true}, running:', 'there is no group "rest"'],
    ['alternatives: [a, {id: b, title: The other}]', 'alternatives: [a, a, b]', 'alternatives[1]: "a" is there twice'],
    ['alternatives: [a, {id: b, title: The other}]', 'alternatives: []', 'alternatives: is empty'],
  ])('%s → %s', (before, after, message) => {
    expect(yaml).toContain(before);
    const found = mistakesOf(() => read(yaml.replace(before, after)));
    expect(found.join('\n')).toContain(message);
    for (const each of found) expect(each).toMatch(/^cars\.yaml:\d+:\d+: /u);
  });

  it('tells all mistakes at once', () => {
    const found = mistakesOf(() =>
      read(
        yaml
          .replace('running: 60', 'running: 61')
          .replace('atMost: 9', 'atMost: nine')
          .replace('b: nobody', 'c: nobody'),
      ),
    );
    expect(found).toHaveLength(3);
  });
});

describe('a decision table in CSV', () => {
  const csv =
    'criterion,unit,better,worst,best,weight,Corsa,"Fiesta, new"\r\nprice,EUR,lower,20000,8000,60,14000,12000..12900..15000\r\n\r\n"say ""safe""",,higher,,,40,4,\r\n';

  it('has a line for each criterion: exact figures, ranges, and none', () => {
    expect(readCsv(csv)).toEqual({
      title: 'cars.csv',
      seed: 1,
      samples: 16_384,
      alternatives: [
        { id: 'Corsa', title: 'Corsa' },
        { id: 'Fiesta, new', title: 'Fiesta, new' },
      ],
      criteria: [
        {
          id: 'price',
          title: 'price',
          kind: 'measured',
          unit: 'EUR',
          value: { kind: 'linear', better: 'lower', worst: 20_000, best: 8000 },
          figures: {
            Corsa: { low: 14_000, likely: 14_000, high: 14_000 },
            'Fiesta, new': { low: 12_000, likely: 12_900, high: 15_000 },
          },
        },
        {
          id: 'say "safe"',
          title: 'say "safe"',
          kind: 'measured',
          unit: '',
          value: { kind: 'linear', better: 'higher', worst: null, best: null },
          figures: { Corsa: { low: 4, likely: 4, high: 4 }, 'Fiesta, new': null },
        },
      ],
      gates: [],
      profiles: [
        {
          id: 'default',
          title: 'default',
          weights: { kind: 'points', points: { price: 60, 'say "safe"': 40 }, spread: 0 },
          within: {},
        },
      ],
    });
  });

  it('without a column of weights knows nothing of them', () => {
    expect(readCsv('criterion,better,a,b\nx,higher,1,2\n').profiles[0].weights).toEqual({ kind: 'unknown' });
  });

  it.each([
    [
      'criterion,better,a,b\nx,higher,1,two\n',
      'cars.csv:2:12: criteria[0].figures.b: "two" does not fit here\n  expected a number, {low, likely, high}, or nothing',
    ],
    [
      'criterion,better,a,b\nx,higher,1,3..2..4\n',
      'cars.csv:2:12: criteria[0].figures.b: low 3, likely 2, high 4 are not in this order',
    ],
    ['criterion,better,a,b\nx,higher,1\n', 'cars.csv:2:10: has 3 fields\n  expected 4, as many as there are columns'],
    ['criterion,better,a,a\nx,higher,1,2\n', 'cars.csv:1:20: "a" is there twice'],
    ['critreion,better,a\nx,higher,1\n', 'cars.csv:1:1: the first column is "critreion"'],
    [
      'criterion,better,a\nx,more,1\n',
      'cars.csv:2:3: criteria[0].better: "more" is not known here\n  expected one of "higher" or "lower"',
    ],
    ['criterion,a\nx,1\n', 'cars.csv:2:1: criteria[0].better: "better" is missing'],
    [
      'criterion,better,weight,a\nx,higher,50,1\ny,higher,40,2\n',
      'cars.csv:1:18: profiles[0].weights.points: the points sum to 90\n  expected a sum of 100\n  10 are missing',
    ],
    ['criterion,better,weight,a\nx,higher,,1\n', 'cars.csv:2:10: profiles[0].weights.points.x: "" does not fit here'],
    ['criterion,better,a\nx,higher,1\nx,higher,2\n', 'cars.csv:3:1: criteria[1].id: "x" is there twice'],
    ['criterion,better,"a\nx,higher,1\n', 'cars.csv:1:18: a quote is not closed'],
    ['criterion,better,a"b\nx,higher,1\n', 'cars.csv:1:18: a quote stands inside a field'],
    ['criterion,better,"a"b\nx,higher,1\n', 'cars.csv:1:21: text follows a closing quote'],
    ['', 'cars.csv:1:1: is empty'],
    ['criterion,better\n', 'is empty'],
  ])('%j', (text, message) => {
    expect(mistakesOf(() => readCsv(text)).join('\n')).toContain(message);
  });

  it('counts lines inside quotes, and leaves a mark of byte order aside', () => {
    expect(mistakesOf(() => readCsv('\ufeffcriterion,better,a\n"x\ny",higher,one\n')).join()).toContain(
      'cars.csv:3:11: criteria[0].figures.a',
    );
  });
});
