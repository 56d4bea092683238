import { randomStream } from '../../../engine/host/random.js';
import { KINDS, type Step, take } from './steps.js';
import type { World } from './world.js';

/** `length` steps of a seed, the first of which builds a guest. */
export const sequenceOf = (seed: string, length: number): readonly Step[] => {
  const stream = randomStream(seed, 'steps');
  const steps: Step[] = [{ kind: 'build', guest: 0, page: 0 }];
  while (steps.length < length) {
    steps.push({ kind: KINDS[stream.below(KINDS.length)], guest: stream.below(3), page: stream.below(12) });
  }
  return steps;
};

/** Takes the steps, with a check after every `interval` of them and at the end. The first fault found, or null. */
export const faultOf = (world: World, steps: readonly Step[], interval: number): string | null => {
  try {
    for (const [index, step] of steps.entries()) {
      take(world, step, interval === 1);
      if ((index + 1) % interval !== 0 && index + 1 < steps.length) continue;
      const violations = world.check();
      if (violations.length > 0) return violations.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n');
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
};

/**
 * The steps without those that the fault does not need: runs of steps are left out, half the length each time, as long as
 * it still fails with a check after every step.
 */
export const shrink = (makeWorld: () => World, steps: readonly Step[]): readonly Step[] => {
  let kept = steps;
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < kept.length;) {
      const without = [...kept.slice(0, at), ...kept.slice(at + run)];
      if (faultOf(makeWorld(), without, 1) === null) at += run;
      else kept = without;
    }
  }
  return kept;
};

/** A fault as a person reads it: the seed, the shortest steps found, and what is wrong after them. */
export const describeFault = (makeWorld: () => World, steps: readonly Step[], seed: string): string => {
  const shortest = shrink(makeWorld, steps);
  const lines = shortest.map(({ kind, guest, page }) => `  ${kind} (guest ${guest}, page ${page})`);
  return [`seed ${seed}, ${shortest.length} steps:`, ...lines, faultOf(makeWorld(), shortest, 1)].join('\n');
};
