import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';

/** For commander: a whole number from `low` up. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/u.test(text) && number >= low && number <= high) return number;
    throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`);
  };
}

/** For commander: a number above 0 and at most 1. */
export function share(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('expected a number above 0 and at most 1.');
}

/** For commander: an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

export function defaultJobs(): number {
  return Math.max(1, availableParallelism());
}
