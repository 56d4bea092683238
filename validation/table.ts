import type { Figure } from './case.js';
import { STATUSES, type StatusCounts, baselineStatuses, countStatuses, isPredicted } from './summary.js';
import { TOLERANCES, toleranceOf } from './tolerances.js';
import { TOPICS, type Topic, topicOf } from './topics.js';
import type { ScoredCase } from './validate.js';

const HEADS = ['case', 'expected', 'got', 'error', 'no model', 'status'] as const;

/** The scores as text, topic by topic. `all` shows each figure that nothing states, too. */
export const validationTable = (scored: readonly ScoredCase[], { all }: { readonly all: boolean }): string => {
  const blocks = TOPICS.map((topic) => {
    const members = scored.filter(({ one }) => topicOf(one.id) === topic);
    return members.length === 0 ? '' : topicBlock(topic, members, all);
  });
  return [...blocks.filter((block) => block !== ''), summaryBlock(scored)].join('\n');
};

const topicBlock = (topic: Topic, members: readonly ScoredCase[], all: boolean): string => {
  const shown = all ? members : members.filter(({ status }) => status !== 'not-modelled');
  const missing = members.filter(({ status }) => status === 'not-modelled');
  const lines = [topic.title];
  if (shown.length > 0) lines.push(...rows(topic, shown));
  for (const words of guessesIn(shown)) lines.push(`  no model: ${words}`);
  for (const words of tolerancesIn(shown)) lines.push(`  within ${words}`);
  if (missing.length > 0) lines.push(`  ${missing.length} of ${members.length} not modelled: ${reasonsOf(missing)}`);
  return `${lines.join('\n')}\n`;
};

const rows = (topic: Topic, shown: readonly ScoredCase[]): string[] => {
  const cells = shown.map(({ one, actual, error, baseline, status, isCalibrated }) => [
    nameIn(topic, one.id),
    `${figure(one.expected)}${typeof one.expected === 'number' && one.unit !== '' ? ` ${one.unit}` : ''}`,
    figure(actual),
    errorText(one.expected, error),
    figure(baseline?.guess ?? null),
    isCalibrated ? 'calibrated' : status,
  ]);
  const widths = HEADS.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}`;
  return [
    line(HEADS),
    ...shown.flatMap(({ note, status }, index) => [
      line(cells[index]),
      ...(note === '' || status === 'not-modelled' ? [] : [`      ${note}`]),
    ]),
  ];
};

/** The id without what all cases of the topic share. */
const nameIn = (topic: Topic, id: string): string =>
  id.startsWith(`${topic.start}/`) ? id.slice(topic.start.length + 1) : id.slice(topic.start.lastIndexOf('/') + 1);

const figure = (value: Figure | null): string => (value === null ? '-' : String(value));

const errorText = (expected: Figure, error: number | null): string => {
  if (error === null) return '-';
  if (error === 0) return '0';
  const sign = error > 0 ? '+' : '';
  const share =
    typeof expected === 'number' && expected !== 0 ? ` (${sign}${((100 * error) / expected).toFixed(1)} %)` : '';
  return `${sign}${error}${share}`;
};

const guessesIn = (shown: readonly ScoredCase[]): readonly string[] => [
  ...new Set(shown.flatMap(({ baseline }) => (baseline === null ? [] : [baseline.words]))),
];

/** Why nothing states them, each reason once. */
const reasonsOf = (missing: readonly ScoredCase[]): string => [...new Set(missing.map(({ note }) => note))].join('; ');

const tolerancesIn = (shown: readonly ScoredCase[]): readonly string[] => {
  const used = new Set(shown.map(({ one }) => toleranceOf(one.id)));
  return TOLERANCES.filter((tolerance) => used.has(tolerance)).map(({ because }) => because);
};

const summaryBlock = (scored: readonly ScoredCase[]): string => {
  const stated = scored.filter(isPredicted).length;
  const calibrated = scored.filter(({ isCalibrated }) => isCalibrated).length;
  const engine = countStatuses(scored.filter(({ isCalibrated }) => !isCalibrated).map(({ status }) => status));
  const guesses = countStatuses(baselineStatuses(scored));
  return [
    `${scored.length} figures: ${countsText(engine)}, ${calibrated} calibrated`,
    `no model, on the ${stated} that the engine predicts: ${countsText(guesses, 'without a guess')}`,
    '',
  ].join('\n');
};

const countsText = (counts: StatusCounts, notModelled = 'not modelled'): string =>
  STATUSES.map((status) => `${counts[status]} ${status === 'not-modelled' ? notModelled : status}`).join(', ');
