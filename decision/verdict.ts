import type { ProfileOutcome } from '../contracts/decision.js';
import { rankAcceptability } from './acceptability.js';
import { spreadOf } from './spread.js';
import { shareError, strengthOf } from './strength.js';

/** Odds that differ by no more than this are equal but for rounding. */
const SAME_ODDS = 1e-9;

/** An alternative's additive value at the nominal point and in every sample. */
export interface ScoredAlternative {
  readonly alternative: string;
  readonly nominal: number;
  readonly samples: Float64Array;
}

/**
 * Who is first, how often and how firmly that is put. Only the eligible are ranked, among themselves. Of several that are equally often first,
 * the one with the higher nominal score is named, and of equal scores the one whose id comes first.
 */
export function verdictOf(
  scored: readonly ScoredAlternative[],
  eligible: ReadonlySet<string>,
  samples: number,
): Pick<ProfileOutcome, 'winner' | 'tiedWith' | 'odds' | 'oddsError' | 'strength' | 'alternatives'> {
  const ranked = scored.filter(({ alternative }) => eligible.has(alternative));
  const acceptability = rankAcceptability(
    ranked.map((each) => each.samples),
    samples,
  );
  const ranks = new Map(ranked.map(({ alternative }, i) => [alternative, acceptability[i]]));
  const contenders = ranked.map(({ alternative, nominal }) => ({
    alternative,
    nominal,
    odds: ranks.get(alternative)![0],
  }));
  const winner = contenders.sort(
    (a, b) => b.odds - a.odds || b.nominal - a.nominal || (a.alternative < b.alternative ? -1 : 1),
  )[0];
  return {
    winner: winner?.alternative ?? null,
    tiedWith: contenders
      .slice(1)
      .filter(({ odds }) => winner.odds - odds <= SAME_ODDS)
      .map(({ alternative }) => alternative)
      .toSorted(),
    odds: winner?.odds ?? 0,
    oddsError: winner === undefined ? 0 : shareError(winner.odds, samples),
    strength: winner === undefined ? 'open' : strengthOf(winner.odds),
    alternatives: scored.map(({ alternative, nominal, samples }) => ({
      alternative,
      eligible: eligible.has(alternative),
      score: spreadOf(nominal, samples),
      ranks: ranks.get(alternative) ?? null,
    })),
  };
}
