import type { NotDefined } from '../../contracts/decision-analysis.js';
import { type Titles, asIds } from '../information/narrowing.js';

/** Why a method has no result, with the criterion and the alternative that it is about. */
export const whyNotDefined = (
  { notDefined, criterion, alternative }: NotDefined,
  titles: Pick<Titles, 'criterion' | 'alternative'> = asIds,
): string => {
  const about = criterion === undefined ? '' : `${titles.criterion(criterion)}: `;
  const under = alternative === undefined ? '' : ` under ${titles.alternative(alternative)}`;
  return `${about}${notDefined}${under}`;
};
