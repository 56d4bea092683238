import type { ComparedVerdict, Comparison } from '../../contracts/comparison.js';
import type { ComparisonDocument } from '../../contracts/comparison-document.js';
import type { ReportTable, TableCell } from '../../contracts/report-table.js';
import type { ResultSet } from '../../decision/index.js';
import { countOf, sentence } from '../format.js';
import { namesOf, type Names } from '../names.js';
import { columns, plainTable, textCell } from '../table.js';
import { differenceWords, headline, verdictWords } from './words.js';

/** Lines of a difference that a table shows; the data beside the page has them all. */
const SHOWN_DETAILS = 6;

/** The names of the second set, which has every id of the first. */
export function comparisonNames({ study, manifest }: ResultSet): Names {
  return namesOf({ study, manifest });
}

/** A comparison as a page. */
export function comparisonDocument(comparison: Comparison, a: ResultSet, b: ResultSet): ComparisonDocument {
  const names = comparisonNames(b);
  const { after, before, differences, identical } = comparison;
  return {
    format: 'physmap comparison page 1',
    title: `${b.study.title}: two result sets`,
    question: b.study.question,
    strength: after.winner === null ? 'none' : after.strength,
    word: after.winner === null ? 'none' : after.strength,
    headline: headline(comparison, names),
    explanation: identical
      ? 'Nothing differs that a decision depends on.'
      : `With the weights of ${names.profile(comparison.profile)}, before: ${verdictWords(before, names)}; after: ${verdictWords(after, names)}. ` +
        sentence(`${countOf(differences.length, 'thing')} ${differences.length === 1 ? 'differs' : 'differ'}`),
    tables: [
      ...(differences.length === 0 ? [] : [differencesTable(comparison, names)]),
      profilesTable(comparison, names),
      setsTable(a, b),
    ],
    method:
      'Each difference is carried over alone, into the first set and out of the second, and the decision is made again with all samples. ' +
      'It suffices when the first set with it alone has the winner of the second, and it is needed when the second without it does not. ' +
      'Differences in titles, reasons and sources, and in runs that no criterion and no gate uses, are left aside.',
  };
}

function verdictCell(verdict: ComparedVerdict, reference: ComparedVerdict, names: Names): TableCell {
  const note = verdict.winner === reference.winner ? '' : 'another winner';
  return textCell(verdictWords(verdict, names), note);
}

function differencesTable({ differences, before, after, because }: Comparison, names: Names): ReportTable {
  return plainTable(
    'differences',
    'What differs, and what it does alone',
    columns(['Difference', 'Was, and is', 'First set with it', 'Second set without it', 'Changed the winner']),
    differences.map((each) => {
      const more = each.details.length - SHOWN_DETAILS;
      const shown = more > 0 ? [...each.details.slice(0, SHOWN_DETAILS), `and ${more} more`] : each.details;
      return {
        title: sentence(differenceWords(each, names)).replace(/\.$/u, ''),
        note: '',
        cells: [
          textCell(shown.join('; ') || 'its figures'),
          verdictCell(each.alone, before, names),
          verdictCell(each.without, after, names),
          textCell(because.includes(each.id) ? 'yes' : 'no'),
        ],
      };
    }),
  );
}

function profilesTable({ profiles, profile }: Comparison, names: Names): ReportTable {
  return plainTable(
    'profiles',
    'The winner by profile: alternative, strength, share of samples in which it is first',
    columns(['Profile', 'Before', 'After', 'Winner']),
    profiles.map((each) => ({
      title: names.profile(each.profile),
      note: each.profile === profile ? 'default' : '',
      cells: [
        textCell(verdictWords(each.before, names)),
        textCell(verdictWords(each.after, names)),
        textCell(each.changed ? 'changed' : 'unchanged'),
      ],
    })),
  );
}

function setsTable(a: ResultSet, b: ResultSet): ReportTable {
  const rows: readonly (readonly [string, (set: ResultSet) => string])[] = [
    ['Version', ({ manifest }) => manifest.engineVersion],
    ['Platform', ({ manifest }) => manifest.platform.id],
    ['Seed', ({ study }) => String(study.seed)],
    ['Draws', ({ study }) => String(study.draws)],
    ['Samples', ({ study }) => String(study.samples)],
    ['Command', ({ manifest }) => manifest.command],
  ];
  return plainTable(
    'sets',
    'The two result sets',
    columns(['Property', 'Before', 'After']),
    rows.map(([title, of]) => ({ title, note: '', cells: [textCell(of(a)), textCell(of(b))] })),
  );
}
