import type { Figure } from './case.js';

/** One figure with its place in the data file, and what its row was measured on. */
export interface PlacedFigure {
  readonly path: readonly string[];
  readonly figure: Figure;
  readonly conditions: Readonly<Record<string, Figure>>;
}

type Conditions = PlacedFigure['conditions'];
type Mapping = Readonly<Record<string, unknown>>;

/** Keys that explain and hold no result. */
const EXPLANATIONS = new Set(['note', 'rule', 'jobs']);

/** Keys of a row that say what was measured, and so name it. */
const ROW_NAMES = ['model', 'iommu', 'host MiB', 'dom0 MiB', 'ask MiB', 'another domain holds'];

/** Figures of a row that are given to the engine with it; they stay cases of their own. */
const GIVEN = ['usable'];

/** Lists that are one result: their order and number say something. */
const WHOLE_LISTS = new Set(['banks', 'another domain holds']);

/** What the places of a list are called; by default they are numbered from 1. */
const PLACES: Readonly<Record<string, string>> = {
  'log-dirty': 'clean',
  migration: 'pass',
  'balloon-translated': 'step',
};

/** Figures in sentences of the data files, by the end of the path: a pattern, and the name of each figure in it. */
const SENTENCES: readonly {
  readonly path: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** What the sentence says of each name, where it holds no numbers. */
  readonly says?: string;
}[] = [
  { path: 'memory-overhead/shadow', pattern: /^(\d+) pages more than hap/u, names: ['pages more than hap'] },
  {
    path: 'memory-overhead/inside-domain0',
    pattern: /p2m (\d+) B a page.* (\d+) MiB bounce pool/u,
    names: ['p2m bytes a page', 'bounce pool'],
  },
  {
    path: 'placement/translated instead',
    pattern: /in (\d+) runs, leaving (\d+) pages/u,
    names: ['runs', 'pages left'],
  },
  { path: 'memory-overhead/identity', pattern: /all but (\d+) entries/u, names: ['entries that are not identity'] },
  { path: 'then grow back/result', pattern: /^(\d+) pages short/u, names: ['pages short a live guest'] },
  {
    path: 'refusals/1',
    pattern: /^direct-map without static memory is refused/u,
    names: ['direct-map without static memory'],
    says: 'refused',
  },
  {
    path: 'refusals/2',
    pattern: /^static memory whose sum differs .* is refused$/u,
    names: ['static memory of another sum'],
    says: 'refused',
  },
  {
    path: 'refusals/3',
    pattern: /^live migration, save and log-dirty do not exist/u,
    names: ['live migration', 'save', 'log-dirty'],
    says: 'refused',
  },
  { path: 'dma-direct/64 of 1 MiB and 256 of 4 KiB', pattern: /^(\d+) bounced/u, names: ['bounced'] },
];

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every figure below a value of a data file, in the file's order. */
export const flatten = (value: unknown, path: readonly string[], conditions: Conditions = {}): PlacedFigure[] => {
  if (value === null || value === undefined) return [];
  if (typeof value === 'number') return [{ path, figure: value, conditions }];
  if (typeof value === 'boolean') return [{ path, figure: String(value), conditions }];
  if (typeof value === 'string') return flattenText(value, path, conditions);
  if (Array.isArray(value)) return flattenList(value, path, conditions);
  return isMapping(value) ? flattenMapping(value, path, conditions) : [];
};

const flattenText = (text: string, path: readonly string[], conditions: Conditions): PlacedFigure[] => {
  const sentence = SENTENCES.find((each) => path.join('/').endsWith(each.path));
  if (sentence === undefined) return [{ path, figure: text, conditions }];
  const found = sentence.pattern.exec(text);
  if (found === null) throw new Error(`${path.join('/')} no longer reads as ${sentence.pattern.source}`);
  return sentence.names.map((name, index) => ({
    path: [...(sentence.says === undefined ? path : path.slice(0, -1)), name],
    figure: sentence.says ?? Number(found[index + 1]),
    conditions,
  }));
};

const flattenList = (list: readonly unknown[], path: readonly string[], conditions: Conditions): PlacedFigure[] => {
  if (WHOLE_LISTS.has(path.at(-1)!)) return [{ path, figure: list.join(', '), conditions }];
  return list.flatMap((item, index) => {
    if (isMapping(item)) {
      const row = path.at(-1) === 'rows' ? path.slice(0, -1) : path;
      return flattenMapping(item, 'step' in item ? [...row, `${index + 1} ${String(item['step'])}`] : row, conditions);
    }
    const place = PLACES[path[1]];
    const name = place === undefined ? String(index + 1) : `${place} ${index + 1}`;
    if (!Array.isArray(item)) return flatten(item, [...path, name], conditions);
    return flattenPass(item, [...path, name], conditions);
  });
};

/** A pass of a migration: the pages sent and the seconds that it took, or that the guest was paused. */
const flattenPass = (pass: readonly unknown[], path: readonly string[], conditions: Conditions): PlacedFigure[] => [
  ...flatten(pass[0], [...path, 'pages'], conditions),
  ...(typeof pass[1] === 'number' ? flatten(pass[1], [...path, 'seconds'], conditions) : []),
];

const flattenMapping = (mapping: Mapping, path: readonly string[], outer: Conditions): PlacedFigure[] => {
  const named = ROW_NAMES.filter((key) => isRowName(mapping[key]));
  const conditions = {
    ...outer,
    ...Object.fromEntries(
      [...named, ...GIVEN.filter((key) => key in mapping)].map((key) => [key, nameOf(mapping[key])]),
    ),
  };
  const row = [
    ...path,
    ...named.map((key) => (key === 'model' ? '' : `${key.replace(' MiB', '')}=`) + String(nameOf(mapping[key]))),
  ];
  return Object.entries(mapping)
    .filter(([key]) => !named.includes(key) && !EXPLANATIONS.has(key) && key !== 'step')
    .flatMap(([key, value]) => flatten(value, [...row, key], conditions));
};

const isRowName = (value: unknown): boolean => value !== undefined && !isMapping(value);

const nameOf = (value: unknown): Figure => {
  if (Array.isArray(value)) return value.join('+');
  return typeof value === 'number' ? value : String(value);
};
