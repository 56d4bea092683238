import type { TranslationScheme } from '../../../engine/platform.js';
import { faultOf, sequenceOf } from '../random/sequence.js';
import { KINDS_WITHOUT_PROCESSES } from '../random/steps.js';
import { World, smallWorld } from '../random/world.js';
import { RADIX_VARIANTS, VARIANTS, radixScheme, vhptScheme } from '../support.js';

/** Runs something that throws or reports a fault: whether it did. */
export type Harness = () => boolean;

/** A mechanism, where its being broken is to be noticed, and how it is broken. */
export type Mutation = readonly [what: string, harness: Harness, breakIt: () => void];

/** Mechanisms of one area, and the harnesses that are to catch each of them and find nothing in the engine as it is. */
export interface Area {
  readonly harnesses: readonly (readonly [name: string, harness: Harness])[];
  readonly mutations: readonly Mutation[];
}

export const nothing = (): void => {};

export const throws = (work: () => void): boolean => {
  try {
    work();
    return false;
  } catch {
    return true;
  }
};

export const variantOf = (title: string): (typeof VARIANTS)[number] =>
  [...VARIANTS, ...RADIX_VARIANTS].find((variant) => variant.title === title)!;

/** A control domain and guests of each pair of models, on a small host. */
export const inWorlds =
  (pairs: readonly (readonly [control: string, guest: string])[], scheme: TranslationScheme = vhptScheme()): Harness =>
  () =>
    pairs.some(([control, guest]) =>
      ['one', 'two', 'three'].some((seed) => {
        const makeWorld = (): World => new World(variantOf(control), variantOf(guest), scheme, smallWorld(160));
        return throws(() => {
          const fault = faultOf(makeWorld(), sequenceOf(`mutations ${seed}`, 400, KINDS_WITHOUT_PROCESSES), 1);
          if (fault !== null) throw new Error(fault);
        });
      }),
    );

export const MEMORY = ['build', 'map', 'unmap', 'write', 'kernel write'];
export const LOGGED = ['log', 'harvest', 'relocate'];

/** Some kinds of step alone, by one guest: in a sequence of all, what they leave in caches is soon flushed by others. */
export const withOneGuest = (model: string, kinds: readonly string[]): Harness => {
  const makeWorld = (): World =>
    new World(variantOf('direct, trusted'), variantOf(model), radixScheme(), smallWorld(160));
  const steps = sequenceOf('one guest', 3000, KINDS_WITHOUT_PROCESSES).filter(
    ({ kind, guest }) => guest === 0 && kinds.includes(kind),
  );
  return () =>
    throws(() => {
      const fault = faultOf(makeWorld(), steps, 1);
      if (fault !== null) throw new Error(fault);
    });
};
