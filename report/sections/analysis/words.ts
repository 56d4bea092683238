import type { ProfileAnalysis, UncertainInput } from '../../../contracts/decision-analysis.js';
import type { Decision, ProfileOutcome } from '../../../contracts/decision.js';
import type { AnalysisSection, Passage } from '../../../contracts/document.js';
import type { ReportTable } from '../../../contracts/report-table.js';
import type { Study } from '../../../contracts/study.js';
import { formatNumber, formatRange, formatUnit, nameInSentence } from '../../format.js';
import { anchorsOf, type Names } from '../../names.js';

/** A profile with its analysis, and how its passages are told apart on the page. */
export interface Analysed {
  readonly outcome: ProfileOutcome;
  readonly analysis: ProfileAnalysis;
  readonly anchor: string;
}

/** Why there is nothing to compare, or null. */
function nothingToCompare({ winner, analysis, alternatives }: ProfileOutcome, names: Names): string | null {
  if (winner === null || analysis === null) return 'No alternative passes every gate, so there is nothing to compare.';
  if (alternatives.filter(({ eligible }) => eligible).length > 1) return null;
  const only = nameInSentence(names.short(winner));
  return alternatives.length === 1
    ? `The study has no alternative but ${only}, so there is nothing to compare.`
    : `Only ${only} passes every gate, so there is nothing to compare.`;
}

/**
 * A section of the analysis from the passages of each profile. Whether there is anything to compare does not depend on the profile, since gates
 * do not.
 */
export function analysisSection(
  study: Study,
  decision: Decision,
  names: Names,
  introduction: string,
  passagesOf: (analysed: Analysed) => readonly Passage[],
  common: () => readonly Passage[] = () => [],
): AnalysisSection {
  const anchors = anchorsOf(
    'of',
    study.profiles.map(({ id }) => id),
  );
  const main = decision.profiles.find(({ profile }) => profile === study.defaultProfile);
  const nothing = main === undefined ? null : nothingToCompare(main, names);
  if (main === undefined || nothing !== null)
    return { introduction: nothing ?? introduction, passages: [], others: [] };
  const made = (outcome: ProfileOutcome): readonly Passage[] =>
    outcome.analysis === null
      ? []
      : passagesOf({ outcome, analysis: outcome.analysis, anchor: anchors.get(outcome.profile) ?? 'of' }).map(
          (passage) => captioned(passage, names.profile(outcome.profile)),
        );
  return {
    introduction,
    passages: [...made(main), ...common()],
    others: decision.profiles
      .filter((outcome) => outcome !== main)
      .map((outcome) => ({ profile: names.profile(outcome.profile), passages: made(outcome) })),
  };
}

/** The tables' captions with whose weights they are of, so that each is told from those of the other profiles. */
function captioned(passage: Passage, profile: string): Passage {
  const of = (table: ReportTable): ReportTable => ({ ...table, caption: `${table.caption}. Weights: ${profile}` });
  return {
    ...passage,
    charts: passage.charts.map((chart) => ({ ...chart, table: of(chart.table) })),
    tables: passage.tables.map(of),
    fold: passage.fold && { ...passage.fold, tables: passage.fold.tables.map(of) },
  };
}

/** A passage in which only what is named is there. */
export function passageOf(parts: Pick<Passage, 'id' | 'title' | 'sentences'> & Partial<Passage>): Passage {
  return { notes: [], charts: [], tables: [], fold: null, ...parts };
}

/** An uncertain input in a few words. */
export function inputName({ kind, criterion, alternative, title }: UncertainInput, names: Names): string {
  switch (kind) {
    case 'weight':
      return `Weight: ${names.criterion(criterion ?? '')}`;
    case 'cost':
      return `Cost: ${title ?? ''}`;
    case 'costs':
      return 'All costs together';
    default:
      return `${names.criterion(criterion ?? '')}: ${names.short(alternative ?? '')}`;
  }
}

/** The range of an input in its unit; weights in points of 100. */
export function inputRange({ kind, low, high, unit }: UncertainInput): string {
  if (low === null || high === null) return 'over the draws';
  if (kind === 'weight') return `${formatRange(100 * low, 100 * high)} points`;
  return `${formatRange(low, high)}${unit === '' ? '' : ` ${formatUnit(unit)}`}`;
}

/** A score or a lead in points of 100; what rounding left of nothing is nothing. */
export function scorePoints(score: number): string {
  return formatNumber(Math.abs(score) < 1e-12 ? 0 : 100 * score);
}
