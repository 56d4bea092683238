import type { ProfileAnalysis, UncertainInput } from '../../contracts/decision-analysis.js';

/** Of the inputs that there are, those that an analysis names. */
export const inputsOf = (
  { tornado, information }: ProfileAnalysis,
  known: readonly UncertainInput[],
): readonly UncertainInput[] => {
  const named = new Set([...(tornado?.bars ?? []), ...information.inputs].map(({ input }) => input));
  return known.filter(({ id }) => named.has(id));
};

/** The inputs of all profiles, each once, in alphabetical order of ids. */
export const everyInput = (lists: readonly (readonly UncertainInput[])[]): readonly UncertainInput[] =>
  [...new Map(lists.flat().map((input) => [input.id, input])).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
