import type { Decision, ProfileOutcome } from '../../contracts/decision.js';
import type { ProfileVerdict, ReportDocument } from '../../contracts/document.js';
import type { Study } from '../../contracts/study.js';
import { formatInteger, formatShare, listOf, nameInSentence } from '../format.js';
import type { Names } from '../names.js';

const WORDS = { clear: 'clear', leaning: 'leaning', open: 'open', none: 'no recommendation' } as const;

function sentenceOf(outcome: ProfileOutcome, names: Names): string {
  if (outcome.winner === null) return 'No alternative passes every gate, so none is recommended.';
  const winner = nameInSentence(names.alternative(outcome.winner));
  const eligible = outcome.alternatives.filter((each) => each.eligible).length;
  if (eligible === 1)
    return outcome.alternatives.length === 1
      ? `${winner}: the study has no other alternative.`
      : `${winner}: the only alternative that passes every gate.`;
  if (outcome.tiedWith.length > 0) {
    const tied = [outcome.winner, ...outcome.tiedWith].map((id) => `“${nameInSentence(names.alternative(id))}”`);
    return `${listOf(tied)} are first equally often, in ${formatShare(outcome.odds)} of the samples each: nothing here tells them apart.`;
  }
  const error = outcome.oddsError > 0 ? ` (±${formatShare(outcome.oddsError)} from the number of samples)` : '';
  const odds = `${formatShare(outcome.odds)} of the samples${error}`;
  const sentences = {
    clear: `${winner}: first in ${odds}.`,
    leaning: `${winner}, but not beyond doubt: first in ${odds}.`,
    open: `No alternative is first often enough to recommend. Most often it is “${winner}”, in ${odds}.`,
  };
  return sentences[outcome.strength];
}

function briefly({ odds, tiedWith }: ProfileOutcome, winner: string, names: Names): string {
  const first = [winner, ...tiedWith].map((id) => `“${nameInSentence(names.alternative(id))}”`);
  const share = formatShare(odds);
  return first.length === 1
    ? `${first[0]} is first in ${share} of the samples.`
    : `${listOf(first)} are first equally often, in ${share} of the samples each.`;
}

function verdictOf(outcome: ProfileOutcome, names: Names): ProfileVerdict {
  const strength = outcome.winner === null ? 'none' : outcome.strength;
  return {
    profile: nameInSentence(names.profile(outcome.profile)),
    strength,
    strengthWord: WORDS[strength],
    sentence: sentenceOf(outcome, names),
    brief: outcome.winner === null ? 'no alternative passes every gate.' : briefly(outcome, outcome.winner, names),
  };
}

/** The verdict for the default profile, the others, and the rule by which their strength is named. */
export function verdictSection(study: Study, decision: Decision, names: Names): ReportDocument['verdict'] {
  const verdicts = decision.profiles.map((outcome) => ({
    id: outcome.profile,
    verdict: verdictOf(outcome, names),
  }));
  const main = verdicts.find(({ id }) => id === study.defaultProfile)?.verdict;
  if (main === undefined)
    throw new Error(`the decision has no outcome for the default profile ${study.defaultProfile}`);
  return {
    main,
    others: verdicts.filter(({ id }) => id !== study.defaultProfile).map(({ verdict }) => verdict),
    rule:
      `A verdict is clear when its alternative is first in at least ${formatShare(decision.rule.clear)} of ` +
      `${formatInteger(decision.samples)} samples, leaning from ${formatShare(decision.rule.leaning)}, and open below that, by the same rule for every profile. ` +
      'Each sample draws the weights, the judgements and the costs from their ranges, all at once.',
  };
}
