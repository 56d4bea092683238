import type { ComparedVerdict, Comparison, ResultDifference } from '../../contracts/comparison.js';
import { formatShare, listOf, nameInSentence } from '../format.js';
import type { Names } from '../names.js';

/** What a difference is, as part of a sentence. */
export function differenceWords({ kind, subject }: Pick<ResultDifference, 'kind' | 'subject'>, names: Names): string {
  switch (kind) {
    case 'weights':
      return `the weights of “${nameInSentence(names.profile(subject))}”`;
    case 'value function':
      return `the value function of “${nameInSentence(names.criterion(subject))}”`;
    case 'judgement':
      return `the judgements of “${nameInSentence(names.criterion(subject))}”`;
    case 'gates':
      return 'the gates';
    case 'profile':
      return 'whose weights are the default';
    case 'seed':
      return 'the seed of the samples';
    case 'samples':
      return 'the number of samples';
    default:
      return subject === '' ? 'the runs of every workload' : `the runs of “${nameInSentence(names.workload(subject))}”`;
  }
}

/** `Winner unchanged: …`, or `Winner changed … because of …`. */
export function headline({ changed, because, together, differences, before, after }: Comparison, names: Names): string {
  const name = ({ winner }: ComparedVerdict): string =>
    winner === null ? 'no alternative' : `“${nameInSentence(names.alternative(winner))}”`;
  if (!changed) return `Winner unchanged: ${name(after)}.`;
  const causes = differences.filter(({ id }) => because.includes(id)).map((each) => differenceWords(each, names));
  const each = causes.length > 1 ? (together ? ', only together' : ', each of which does it alone') : '';
  return `Winner changed from ${name(before)} to ${name(after)}, because of ${listOf(causes)}${each}.`;
}

/** A verdict in a cell: the winner, how strong, how often. */
export function verdictWords({ winner, odds, strength }: ComparedVerdict, names: Names): string {
  if (winner === null) return 'none passes every gate';
  return `${names.short(winner)}, ${strength}, ${formatShare(odds)}`;
}
