import type { Profile } from '../../contracts/study.js';
import type { PairwiseConsistency, Weighting } from '../../contracts/weighting.js';
import { formatNumber, formatShare } from '../format.js';

/** A consistency ratio from which comparisons are usually taken to contradict each other too much. Source: Saaty, 1980. */
const INCONSISTENT = 0.1;

/** How weights were given and are drawn, in a sentence for each way that the profile uses. */
export function howWeighed({ weights, within }: Profile): string {
  const top = sentenceOf(weights, within === undefined ? 'the criteria' : 'the groups');
  if (within === undefined) return top;
  const inner = [...new Set(Object.values(within).map((each) => sentenceOf(each, 'the members')))];
  return `${top} Within groups: ${inner.join(' Or: ')} Weights of groups are multiplied by weights within them.`;
}

function sentenceOf(weighting: Weighting, members: string): string {
  const spread = 'spread' in weighting ? weighting.spread : 0;
  const drawn =
    spread > 0
      ? `Each weight may be off by up to ${formatShare(spread)} either way; every sample draws all of them.`
      : 'They are taken as exact.';
  switch (weighting.kind) {
    case 'points':
      return `Points that sum to 100, which is checked and never mended by scaling. ${drawn}`;
    case 'ranges':
      return 'Each weight was given as a range, of which the likely values sum to 100; every sample draws all of them.';
    case 'order':
      return `Only the order of ${members} was given. The points shown are the mean of all weights that keep it (rank-order centroid); every sample draws from these.`;
    case 'swing':
      return `Weights from swings: what the step from worst to best in each is worth beside the most valued one. ${drawn}`;
    case 'pairwise':
      return `Weights from comparing ${members} by pairs (AHP). ${drawn}`;
    case 'unknown':
      return 'Nothing is known of the weights: every sample draws from all that there are. The points shown are equal ones.';
    default:
      return weighting satisfies never;
  }
}

/** How well pairwise comparisons agree with each other. */
export function consistencyNotes({ within }: Profile, consistency: readonly PairwiseConsistency[]): readonly string[] {
  return consistency.map(({ group, ratio, randomIndex }) => {
    const where = group === null ? (within === undefined ? 'the criteria' : 'the top') : group;
    const of = `Consistency ratio of the comparisons of ${where}`;
    if (ratio === null) return `${of}: none, since ${randomIndex} has no random index for so many.`;
    const verdict =
      ratio < INCONSISTENT
        ? 'below 0.1, which is usually taken as good enough'
        : '0.1 or more: the comparisons contradict each other, so read these weights with care';
    return `${of}: ${formatNumber(ratio)} by the random indices of ${randomIndex}; ${verdict}.`;
  });
}
