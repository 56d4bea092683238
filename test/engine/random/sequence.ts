import { randomStream } from '../../../engine/host/random.js';
import { KINDS, type Step, take } from './steps.js';
import type { World } from './world.js';

/** `length` steps of a seed, of all kinds or of these; the first builds a guest. */
export const sequenceOf = (seed: string, length: number, kinds: readonly string[] = KINDS): readonly Step[] => {
  const stream = randomStream(seed, 'steps');
  const places = randomStream(seed, 'places');
  const steps: Step[] = [{ kind: 'build', guest: 0, page: 0, place: 0 }];
  while (steps.length < length) {
    const kind = kinds[stream.below(kinds.length)];
    steps.push({ kind, guest: stream.below(3), page: stream.below(12), place: places.below(5) });
  }
  return steps;
};

interface Fault {
  readonly message: string;
  /** Steps until it was seen. */
  readonly taken: number;
}

/** Takes the steps, with a check after every `interval` of them and at the end. The first fault found, or null. */
const firstFault = (world: World, steps: readonly Step[], interval: number): Fault | null => {
  let taken = 0;
  try {
    for (const step of steps) {
      taken += 1;
      take(world, step, interval === 1);
      if (taken % interval !== 0 && taken < steps.length) continue;
      const violations = world.check();
      if (violations.length > 0) {
        return { message: violations.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n'), taken };
      }
    }
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), taken };
  }
  return null;
};

export const faultOf = (world: World, steps: readonly Step[], interval: number): string | null =>
  firstFault(world, steps, interval)?.message ?? null;

/** Longer sequences are checked at their end alone while they shrink, so that they get short in the time that a person waits. */
const FEW_STEPS = 200;

/**
 * The steps without those that the fault does not need: those after it, as a run with a check after every `interval` steps found it,
 * and then runs of steps, half the length each time, as long as it still fails.
 */
export const shrink = (makeWorld: () => World, steps: readonly Step[], interval: number): readonly Step[] => {
  let kept = steps.slice(0, firstFault(makeWorld(), steps, interval)?.taken);
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < kept.length;) {
      const without = [...kept.slice(0, at), ...kept.slice(at + run)];
      const fault = firstFault(makeWorld(), without, interval > 1 && kept.length > FEW_STEPS ? Infinity : 1);
      if (fault === null) at += run;
      else kept = without.slice(0, fault.taken);
    }
  }
  return kept;
};

/** A fault as a person reads it: the seed, the shortest steps found, and what is wrong after them. */
export const describeFault = (
  makeWorld: () => World,
  steps: readonly Step[],
  interval: number,
  seed: string,
): string => {
  const shortest = shrink(makeWorld, steps, interval);
  const lines = shortest.map(
    ({ kind, guest, page, place }) => `  ${kind} (guest ${guest}, page ${page}, place ${place})`,
  );
  return [`seed ${seed}, ${shortest.length} steps:`, ...lines, faultOf(makeWorld(), shortest, 1)].join('\n');
};
