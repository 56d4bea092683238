/* The whole report as data: templates only lay it out. Every number that is read is already text. Types only. */
import type { ReportChart } from './report-charts.js';
import type { ReportTable } from './report-table.js';

/** Markdown by an author (of the study, or of this program): the only text that is not plain. */
export interface Prose {
  readonly markdown: string;
}

/** One thing that the analysis says: what it means in a sentence or two, then its figures. */
export interface Passage {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
  readonly tables: readonly ReportTable[];
  /** What is read under a fold: its heading, or empty when there is none. */
  readonly fold: { readonly title: string; readonly tables: readonly ReportTable[] } | null;
}

/** A part of the analysis: for the default profile, for all together, then for each other profile. */
export interface AnalysisSection {
  readonly introduction: string;
  readonly passages: readonly Passage[];
  readonly others: readonly { readonly profile: string; readonly passages: readonly Passage[] }[];
}

export interface ProfileVerdict {
  readonly profile: string;
  readonly strength: 'clear' | 'leaning' | 'open' | 'none';
  /** The strength as a word of a sentence. */
  readonly strengthWord: string;
  readonly sentence: string;
  /** The same in a line, for verdicts that stand in a list. */
  readonly brief: string;
}

export interface FindingGroup {
  /** What was asked of which model in which workload, and that it was refused. */
  readonly sentence: string;
  readonly alternative: string;
  readonly workload: string;
  readonly operation: string;
  readonly model: string;
  readonly rule: string;
  /** The frames or domains that it was refused for; at most a few. */
  readonly details: readonly string[];
  /** How many more there are, in words; empty when there are none. */
  readonly more: string;
}

export interface WorkloadSection {
  readonly id: string;
  readonly anchor: string;
  readonly title: string;
  readonly description: string;
  /** What the criteria take from it, or that none does. */
  readonly use: string;
  readonly parameters: readonly string[];
  readonly metrics: ReportTable | null;
  /** Refusals and failures that touch this workload, in a sentence each. */
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
}

/** A grid over one parameter of a workload or two: what was run, and what came out. */
export interface SweepSection {
  readonly anchor: string;
  readonly title: string;
  /** What was run, and by how much it differs from the study. */
  readonly introduction: string;
  readonly because: string;
  readonly parameters: readonly string[];
  readonly notes: readonly string[];
  readonly charts: readonly ReportChart[];
}

export interface ReportDocument {
  readonly format: 'physmap report 1';
  readonly study: string;
  readonly title: string;
  readonly question: string;
  readonly background: Prose;
  readonly verdict: {
    readonly main: ProfileVerdict;
    readonly others: readonly ProfileVerdict[];
    /** When a verdict is called clear, leaning or open. */
    readonly rule: string;
  };
  readonly overview: {
    readonly introduction: string;
    readonly criteria: ReportTable;
    readonly gates: ReportTable | null;
    /** Missing capabilities, measurements that failed, criteria that cannot matter. */
    readonly notes: readonly string[];
  };
  readonly standing: { readonly introduction: string; readonly charts: readonly ReportChart[] };
  /** Charts over several workloads. */
  readonly across: readonly ReportChart[];
  readonly workloads: readonly WorkloadSection[];
  readonly sweeps: readonly SweepSection[];
  /** What would change the answer: single inputs, and weights. */
  readonly sensitivity: AnalysisSection;
  /** Where a workload's parameter changes the preferred alternative. */
  readonly flips: {
    readonly introduction: string;
    /** A sentence for each parameter that was searched. */
    readonly points: readonly string[];
    readonly charts: readonly ReportChart[];
    readonly tables: readonly ReportTable[];
    /** What to run to know more; null when nothing is left to narrow. */
    readonly next: { readonly sentence: string; readonly command: string } | null;
  };
  readonly findings: {
    readonly introduction: string;
    readonly groups: readonly FindingGroup[];
    readonly failures: readonly string[];
  };
  readonly alternatives: readonly {
    readonly title: string;
    readonly short: string;
    readonly description: string;
    readonly baseline: boolean;
    readonly roles: readonly string[];
  }[];
  readonly judgements: { readonly introduction: string; readonly tables: readonly ReportTable[] };
  readonly profiles: readonly {
    readonly title: string;
    readonly rationale: string;
    /** How well pairwise comparisons agree. */
    readonly notes: readonly string[];
    readonly isDefault: boolean;
    readonly weights: ReportTable;
    readonly contributions: ReportTable | null;
  }[];
  /** What to run, measure or ask next. */
  readonly information: AnalysisSection;
  /** What the samples and other methods say beside the odds. */
  readonly depth: AnalysisSection;
  readonly belief: { readonly facts: readonly string[]; readonly limits: Prose };
  readonly method: { readonly prose: Prose; readonly criteria: ReportTable };
  readonly inputs: {
    readonly introduction: string;
    readonly costs: ReportTable;
    readonly settings: ReportTable | null;
    readonly traces: readonly ReportTable[];
    readonly files: ReportTable;
    readonly identity: ReportTable;
  };
  /** The command that makes this page again. */
  readonly command: string;
}
