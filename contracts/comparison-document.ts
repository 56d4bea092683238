import type { ReportTable } from './report-table.js';

/** The page of a comparison as data: templates only lay it out. Types only. */
export interface ComparisonDocument {
  readonly format: 'physmap comparison page 1';
  readonly title: string;
  readonly question: string;
  readonly strength: 'clear' | 'leaning' | 'open' | 'none';
  /** The strength of the second set's verdict as a word. */
  readonly word: string;
  readonly headline: string;
  /** What the headline rests on, in a sentence or two. */
  readonly explanation: string;
  readonly tables: readonly ReportTable[];
  readonly method: string;
}
