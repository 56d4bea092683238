/**
 * Weights from swings: how much the step from worst to best in each criterion is worth, the most valued step being 100.
 * Source: von Winterfeldt and Edwards, *Decision Analysis and Behavioral Research*, 1986.
 * @throws RangeError where the largest swing is not 100, or one is below 0.
 */
export const swingWeights = (swings: readonly number[]): readonly number[] => {
  if (swings.some((swing) => !(swing >= 0))) throw new RangeError('a swing is not below zero');
  if (Math.max(...swings) !== 100) throw new RangeError(`the most valued swing is 100, not ${Math.max(...swings)}`);
  const sum = swings.reduce((total, swing) => total + swing, 0);
  return swings.map((swing) => swing / sum);
};
