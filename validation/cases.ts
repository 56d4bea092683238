import { join } from 'node:path';
import { packageRoot } from '../input/package-root.js';
import { readYaml } from '../input/yaml-file.js';
import type { Case, CaseBook } from './case.js';
import { flatten } from './flatten.js';
import { ratioCases } from './ratios.js';
import { topicOf, unitOf } from './topics.js';

interface PublishedRow {
  readonly id: string;
  readonly use: 'calibrate' | 'validate';
  readonly what: string;
  readonly unit?: string;
  readonly value: unknown;
  readonly also?: unknown;
  /** Shares of a value that may calibrate, in per cent. */
  readonly split?: unknown;
}

/** Rows that set a cost and that the engine gives back with it: shown, marked and never counted as predicted. */
const GIVEN_BACK = new Set(['MIG-11', 'MEM-01']);

/** Every figure of the data files that the engine may be scored against, in the order of the files. */
export const readCases = (): CaseBook => {
  const rows = data('published-results') as readonly PublishedRow[];
  const figures = [...countsOf('xen', 'xen-counts'), ...countsOf('xen-arm', 'xen-arm-counts'), ...published(rows)];
  const cases = [...figures, ...ratioCases(figures)];
  const byId = new Map(cases.map((each) => [each.id, each]));
  if (byId.size !== cases.length) throw new Error('two figures of the data files have one id');
  return {
    cases,
    under: (start) => cases.filter(({ id }) => id === start || id.startsWith(`${start}/`)),
    recorded: (id) => {
      const expected = byId.get(id)?.expected;
      if (typeof expected !== 'number') throw new Error(`the data files have no number ${id}`);
      return expected;
    },
    calibration: (id) => {
      const [row, ...path] = id.split('/');
      const found = rows.find((each) => each.id === row && each.use === 'calibrate');
      const figures = [
        ...flatten(found?.value, [row]),
        ...flatten(found?.also, [row, 'also']),
        ...flatten(found?.split, [row, 'split']),
      ];
      const figure = figures.find((each) => each.path.join('/') === [row, ...path].join('/'))?.figure;
      if (typeof figure !== 'number') throw new Error(`the data files have no number ${id} to set a cost by`);
      return figure;
    },
  };
};

const data = (name: string): unknown => readYaml(join(packageRoot(), 'validation', 'data', `${name}.yaml`)).value;

const countsOf = (machine: 'xen' | 'xen-arm', file: string): Case[] =>
  flatten(data(file), [machine]).map(({ path, figure, conditions }) => {
    const id = path.join('/');
    const { title } = topicOf(id);
    const inside = path.slice(2).join(', ');
    return {
      id,
      source: 'xen',
      what: inside === '' ? title : `${title}: ${inside}`,
      unit: unitOf(id),
      expected: figure,
      conditions,
    };
  });

const published = (rows: readonly PublishedRow[]): Case[] =>
  rows
    .filter(({ id, use }) => use === 'validate' || GIVEN_BACK.has(id))
    .flatMap(({ id, use, what, unit, value, also }) =>
      [
        ...flatten(value, ['published', id]),
        ...flatten(use === 'validate' ? also : undefined, ['published', id, 'also']),
      ].map(({ path, figure }) => ({
        id: path.join('/'),
        source: 'published' as const,
        what: [what, ...path.slice(2)].join(', '),
        unit: unit ?? '',
        expected: figure,
        conditions: {},
      })),
    );
