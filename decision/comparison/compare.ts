import type { ComparedVerdict, Comparison, ResultDifference } from '../../contracts/comparison.js';
import { scoreProfile } from '../profile-scores.js';
import { sampleStudy } from '../sampled-study.js';
import { verdictOf } from '../verdict.js';
import { refuseUnlike, type ResultSet } from './result-set.js';
import { swapsBetween, type Swap } from './swaps.js';

/**
 * Says whether two result sets of one study have the same winner for the default profile, and if not, what made it change: each difference
 * is swapped alone, into the first set and out of the second, and the set is decided again. Where no difference does it alone, they are
 * carried over one after the other, and those up to the one at which the winner changes are named together.
 * @throws UnlikeResults when the sets answer different questions.
 */
export function compareResults(a: ResultSet, b: ResultSet): Comparison {
  refuseUnlike(a.study, b.study);
  const swaps = swapsBetween(a, b);
  const [first, last] = [verdictsOf(a), verdictsOf(b)];
  const before = first.get(a.study.defaultProfile)!;
  const after = last.get(b.study.defaultProfile)!;
  const changed = before.winner !== after.winner;
  const differences = swaps.map((swap): ResultDifference => {
    const alone = verdictIn(swap.apply(a, b));
    const without = verdictIn(swap.apply(b, a));
    const { id, kind, subject, details } = swap;
    const suffices = changed && alone.winner === after.winner;
    return { id, kind, subject, details, alone, without, suffices, needed: changed && without.winner !== after.winner };
  });
  return {
    format: 'physmap comparison 1',
    study: a.study.id,
    profile: b.study.defaultProfile,
    before,
    after,
    changed,
    identical: swaps.length === 0,
    differences,
    ...causesOf(a, b, swaps, differences, after.winner, changed),
    profiles: [...first].flatMap(([profile, was]) => {
      const is = last.get(profile);
      return is === undefined ? [] : [{ profile, before: was, after: is, changed: was.winner !== is.winner }];
    }),
  };
}

/** Those that suffice alone; else those that are needed; else those up to the one that changes the winner when carried over in turn. */
function causesOf(
  a: ResultSet,
  b: ResultSet,
  swaps: readonly Swap[],
  differences: readonly ResultDifference[],
  winner: string | null,
  changed: boolean,
): Pick<Comparison, 'because' | 'together'> {
  if (!changed) return { because: [], together: false };
  const sufficient = differences.filter(({ suffices }) => suffices);
  if (sufficient.length > 0) return { because: sufficient.map(({ id }) => id), together: false };
  const needed = differences.filter((each) => each.needed).map(({ id }) => id);
  const carry = (ids: readonly string[]): ResultSet =>
    swaps.filter(({ id }) => ids.includes(id)).reduce((set, swap) => swap.apply(set, b), a);
  if (needed.length > 0 && verdictIn(carry(needed)).winner === winner) return { because: needed, together: true };
  const ids = swaps.map(({ id }) => id);
  const length = ids.findIndex((_, at) => verdictIn(carry(ids.slice(0, at + 1))).winner === winner) + 1;
  return { because: ids.slice(0, length || ids.length), together: true };
}

function verdictIn(set: ResultSet): ComparedVerdict {
  return verdictsOf(set).get(set.study.defaultProfile)!;
}

/** The verdict of every profile, without the analysis that a whole decision has. */
function verdictsOf({ study, runs }: ResultSet): ReadonlyMap<string, ComparedVerdict> {
  const { table, eligible, dimension } = sampleStudy(study, runs);
  return new Map(
    study.profiles.map((profile) => {
      const { scored } = scoreProfile(study, profile, table, dimension);
      const { winner, odds, oddsError, strength } = verdictOf(scored, eligible, study.samples);
      return [profile.id, { winner, odds, oddsError, strength }];
    }),
  );
}
