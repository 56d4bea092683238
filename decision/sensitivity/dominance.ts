/**
 * For each alternative, those that dominate it: at least as good in every criterion and better in one. More is better in every column.
 * The Pareto front is those with none.
 */
export const dominatedBy = (values: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  values.map((row) =>
    values.flatMap((other, index) => {
      const asGood = other.every((value, criterion) => value >= row[criterion]);
      const better = other.some((value, criterion) => value > row[criterion]);
      return asGood && better ? [index] : [];
    }),
  );
