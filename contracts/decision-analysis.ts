/**
 * What the analysis says beyond odds: why the first is first, what would change it, what is worth knowing better. Types only.
 * Alternatives and criteria are named by id, and lists are in alphabetical order of ids unless it is said otherwise.
 */

/** Why a method has no result, in words that a reader understands. */
export interface NotDefined {
  readonly notDefined: string;
  /** The criterion that it is about, and the alternative that has no figure there. */
  readonly criterion?: string;
  readonly alternative?: string;
}

export interface CriterionWeight {
  readonly criterion: string;
  /** 0 to 1; the weights of all criteria sum to 1. */
  readonly weight: number;
}

/** Which alternatives are at least as good in every criterion and better in one. An alternative with empty lists is on the Pareto front. */
export interface DominanceOutcome {
  readonly alternative: string;
  /** Those that dominate it at the nominal point. */
  readonly by: readonly string[];
  /** Those of them that do so in every sample too. */
  readonly inEverySample: readonly string[];
}

/** Weights that the figures alone would give, by how far they spread: no stakeholder said them, and none of the odds uses them. */
export interface DataWeights {
  readonly entropy: readonly CriterionWeight[] | NotDefined;
  readonly critic: readonly CriterionWeight[] | NotDefined;
}

/** What the samples say beside the ranks. Only alternatives that pass every gate take part. */
export interface AcceptabilityOutcome {
  /** Share of samples in which `alternative` scores higher than `over`; a tie counts half. Both orders of a pair are there. */
  readonly pairwise: readonly { readonly alternative: string; readonly over: string; readonly share: number }[];
  readonly central: readonly CentralWeights[];
  /** Entropy of the whole rankings in bits, and the most that so many alternatives can have. */
  readonly rankEntropy: number;
  readonly largestEntropy: number;
  readonly convergence: ConvergenceOutcome;
}

/** What somebody who prefers the alternative typically wants. */
export interface CentralWeights {
  readonly alternative: string;
  /** Mean weights of the samples in which it is first; null for one that is never first. */
  readonly weights: readonly CriterionWeight[] | null;
  /** Share of samples in which it is first when the weights are these; null for one that is never first. */
  readonly confidence: number | null;
}

/** How the odds of the winner settle as samples are added. */
export interface ConvergenceOutcome {
  /** Numbers of samples, ascending. */
  readonly samples: readonly number[];
  /** Odds of the winner after so many. */
  readonly odds: readonly number[];
  /** Largest distance of the odds from the final ones since half of the samples. */
  readonly settledWithin: number;
}

export type MethodName = 'additive value' | 'weighted sum' | 'weighted product' | 'TOPSIS' | 'PROMETHEE II' | 'VIKOR';

/** One method of aggregation on the nominal figures. */
export interface MethodOutcome {
  readonly method: MethodName;
  /** What it worked on and how that was made comparable, in words. */
  readonly normalisation: string;
  readonly result: MethodRanks | NotDefined;
}

export interface MethodRanks {
  /** Rank from 1; those that are equal share the best of their ranks. Of scores more is better (for VIKOR −Q). */
  readonly ranks: readonly { readonly alternative: string; readonly rank: number; readonly score: number }[];
  /** Those at rank 1. */
  readonly first: readonly string[];
  /** Kendall's tau-b with the ranking by additive value, −1 to 1; null where either has all alternatives equal, or there is but one. */
  readonly agreement: number | null;
  /** VIKOR only. */
  readonly compromise?: {
    /** The first is far enough ahead of the second. */
    readonly advantage: boolean;
    /** The first is first by the sum or by the worst criterion alone too. */
    readonly stability: boolean;
    /** What the method proposes together. */
    readonly set: readonly string[];
  };
}

/** Whether it matters how the same figures and weights are put together. */
export interface ConcordanceOutcome {
  /** The additive value first, then the others. */
  readonly methods: readonly MethodOutcome[];
  /** How many methods have a result, and how many of these have the same alternatives first as the additive value has. */
  readonly defined: number;
  readonly agreeing: number;
  /** Kendall's coefficient of concordance over all of them, 0 to 1; null for one alternative, and where all are equal under each. */
  readonly concordance: number | null;
}

/** Ranking irregularities of one method, each a list that is empty for a method that has none. */
export interface RankReversalOutcome {
  readonly method: MethodName;
  readonly normalisation: string;
  /** Losers whose removal puts another alternative first. */
  readonly dropped: readonly { readonly loser: string; readonly first: string }[];
  /** Losers that put another alternative first when they get worse in every criterion. */
  readonly worsened: readonly { readonly loser: string; readonly first: string }[];
  /** Pairs that the method ranks otherwise when it is asked about the two alone. */
  readonly pairs: readonly { readonly preferred: string; readonly over: string }[];
  /** Whether its preferences between pairs make a circle. */
  readonly circle: boolean;
}

/** Where another alternative becomes as good as the first when one weight changes and the others keep their proportions. */
export interface BreakEvenOutcome {
  readonly criterion: string;
  /** The nominal weight, 0 to 1. */
  readonly weight: number;
  /** The nearest such weight below and above; null where there is none. */
  readonly below: WeightCrossingOutcome | null;
  readonly above: WeightCrossingOutcome | null;
}

export interface WeightCrossingOutcome {
  readonly weight: number;
  readonly alternative: string;
}

/** The smallest change of all weights together, in the sum of absolute changes, that makes another alternative as good as the first. */
export interface NearestFlipOutcome {
  readonly alternative: string;
  readonly weights: readonly CriterionWeight[];
  /** Sum of the absolute changes, 0 to 2: half of it is the weight that moves. */
  readonly change: number;
}

/** Something that is known as a range. */
export interface UncertainInput {
  /** Stable, e.g. `judgement/drivers/p2m`, `weight/maintainer/downtime`, `cost/tlb-purge`. */
  readonly id: string;
  readonly kind:
    /** A measurement that a table gives as a range. */
    | 'figure'
    | 'judgement'
    | 'weight'
    /** What one event costs on the platform. */
    | 'cost'
    /** All costs together, as the draws have them. */
    | 'costs';
  readonly criterion: string | null;
  readonly alternative: string | null;
  /** Whose weight. */
  readonly profile: string | null;
  /** The event that costs, and its name in words. */
  readonly event: string | null;
  readonly title: string | null;
  /** A cost that no source states. */
  readonly assumed: boolean;
  /** Of `low` to `high`; weights are shares of 1. */
  readonly unit: string;
  /** Null for all costs together, which have no one figure. */
  readonly low: number | null;
  readonly likely: number | null;
  readonly high: number | null;
  /** What to run, measure or ask to narrow it. */
  readonly narrow: string;
}

/** How far the first is ahead, with one input at either end and everything else at the nominal point. The widest bar first. */
export interface TornadoOutcome {
  /** First by additive value at the nominal point. */
  readonly first: string;
  /** Its score less the best other one. */
  readonly lead: number;
  readonly bars: readonly TornadoBarOutcome[];
}

export interface TornadoBarOutcome {
  /** Id of the input. */
  readonly input: string;
  /** Below 0: another alternative is ahead there. For all costs together: the least and the greatest over the draws. */
  readonly leadAtLow: number;
  readonly leadAtHigh: number;
  readonly firstAtLow: string;
  readonly firstAtHigh: string;
}

/** What it would be worth to know more before one chooses, in score (0 to 1). */
export interface InformationOutcome {
  /** Knowing everything: no study is worth more. */
  readonly evpi: number;
  /** Standard error of `evpi`, and how it was estimated. */
  readonly error: number;
  readonly estimator: string;
  /** Knowing one input: the most valuable first. */
  readonly inputs: readonly InputInformation[];
}

export interface InputInformation {
  /** Id of the input. */
  readonly input: string;
  readonly value: number;
  /** Standard error of `value`. One that is no larger than its error is not told from nothing. */
  readonly error: number;
  readonly estimator: string;
}

/** What one profile makes of the alternatives that pass every gate. */
export interface ProfileAnalysis {
  readonly acceptability: AcceptabilityOutcome;
  readonly concordance: ConcordanceOutcome;
  /** One for each method that has a result. */
  readonly rankReversal: readonly RankReversalOutcome[];
  readonly breakEvens: readonly BreakEvenOutcome[];
  /** Null when no weights make another alternative as good. */
  readonly nearestFlip: NearestFlipOutcome | null;
  /** Null for one alternative. */
  readonly tornado: TornadoOutcome | null;
  readonly information: InformationOutcome;
}
