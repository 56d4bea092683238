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
  /** What tells it from other faults: the rules that are broken, or what was expected where. */
  readonly signs: readonly string[];
  /** Steps until it was seen. */
  readonly taken: number;
}

/** The first line of what was expected, without its numbers, and the place in our own code that expected it. */
const signOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const [line] = error.message.split('\n');
  const place = (error.stack ?? '').split('\n').find((each) => /^\s+at /u.test(each) && !each.includes('node_modules'));
  return `${line.replaceAll(/(?:0x)?[\da-f]*\d[\da-f]*/gu, '#')} ${/[\w.-]+:\d+/u.exec(place ?? '')?.[0] ?? ''}`;
};

/** Takes the steps, with a check after every `interval` of them and at the end. The first fault found, or null. */
const firstFault = (world: World, steps: readonly Step[], interval: number): Fault | null => {
  let taken = 0;
  try {
    for (const step of steps) {
      taken += 1;
      take(world, step, interval === 1);
      if (taken % interval !== 0 && taken < steps.length) continue;
      const violations = world.check();
      if (violations.length === 0) continue;
      const message = violations.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n');
      return { message, signs: violations.map(({ rule }) => rule), taken };
    }
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error), signs: [signOf(error)], taken };
  }
  return null;
};

export const faultOf = (world: World, steps: readonly Step[], interval: number): string | null =>
  firstFault(world, steps, interval)?.message ?? null;

/** Longer sequences are checked at their end alone while they shrink, so that they get short in the time that a person waits. */
const FEW_STEPS = 200;
/** A check of all that there is takes as long as so many steps. */
const STEPS_A_CHECK = 10;
/** What shrinking may take, in steps: less than the part of a long run in which a fault is found. */
const MOST_WORK = 300_000;

/**
 * The steps without those that the fault does not need: those after it, as a run with a check after every `interval` steps found it,
 * and then runs of steps, half the length each time, as long as the same fault comes. Once a check after every step is cheap, the
 * fault is the first one that such checks find in what is left. It ends early where it has taken `work` steps.
 */
export const shrink = (
  makeWorld: () => World,
  steps: readonly Step[],
  interval: number,
  work = MOST_WORK,
): readonly Step[] => {
  const found = firstFault(makeWorld(), steps, interval);
  if (found === null) return steps;
  let kept = steps.slice(0, found.taken);
  let [sign] = found.signs;
  let each = interval;
  let done = 0;
  const attempt = (tried: readonly Step[]): Fault | null => {
    const fault = firstFault(makeWorld(), tried, each);
    const taken = fault?.taken ?? tried.length;
    done += taken + (each === 1 ? taken * STEPS_A_CHECK : STEPS_A_CHECK);
    return fault;
  };
  const mayGoOn = (): boolean => done < work;
  const checkOften = (): void => {
    each = interval > 1 && kept.length > FEW_STEPS ? Infinity : 1;
    if (each > 1) return;
    const first = attempt(kept);
    if (first === null) {
      each = Infinity;
      return;
    }
    kept = kept.slice(0, first.taken);
    [sign] = first.signs;
  };
  checkOften();
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < kept.length && mayGoOn();) {
      const fault = attempt([...kept.slice(0, at), ...kept.slice(at + run)]);
      if (fault === null || !fault.signs.includes(sign)) {
        at += run;
        continue;
      }
      kept = [...kept.slice(0, at), ...kept.slice(at + run)].slice(0, fault.taken);
      if (each > 1 && kept.length <= FEW_STEPS) checkOften();
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
