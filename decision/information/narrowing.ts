import type { UncertainInput } from '../../contracts/decision-analysis.js';

/** Titles of ids, for sentences. */
export interface Titles {
  readonly criterion: (id: string) => string;
  readonly alternative: (id: string) => string;
  readonly profile: (id: string) => string;
}

/** Ids that stand for themselves. */
export const asIds: Titles = { criterion: (id) => id, alternative: (id) => id, profile: (id) => id };

type Told = Omit<UncertainInput, 'narrow' | 'id'>;

/** What to run, measure or ask to know an input better, in a sentence. */
export const narrowing = (input: Told, titles: Titles = asIds): string => {
  const { kind, low, high, unit, title, assumed } = input;
  const criterion = titles.criterion(input.criterion ?? '');
  const alternative = titles.alternative(input.alternative ?? '');
  const range = `${low} to ${high} ${unit}`.trimEnd();
  switch (kind) {
    case 'figure':
      return `Measure ${criterion} of ${alternative} again: it lies anywhere in ${range}.`;
    case 'judgement':
      return `Find grounds to judge ${criterion} of ${alternative} more closely than ${range}.`;
    case 'weight':
      return `Ask those whom the profile ${titles.profile(input.profile ?? '')} stands for what a step from worst to best in ${criterion} is worth to them beside the other steps.`;
    case 'cost':
      return `Measure what “${title}” costs: ${assumed ? 'it is assumed to lie' : 'sources put it'} between ${low} and ${high} ${unit}.`;
    case 'costs':
      return 'Measure the costs with the widest ranges. More draws (--draws) narrow the error of this figure, not the costs.';
    default:
      return kind satisfies never;
  }
};

/** An input with what narrows it. */
export const uncertain = (id: string, told: Partial<Told> & Pick<Told, 'kind' | 'unit'>): UncertainInput => {
  const whole: Told = {
    criterion: null,
    alternative: null,
    profile: null,
    event: null,
    title: null,
    assumed: false,
    low: null,
    likely: null,
    high: null,
    ...told,
  };
  return { id, ...whole, narrow: narrowing(whole) };
};
