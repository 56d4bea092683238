import fc from 'fast-check';
import { expect, it } from 'vitest';
import { restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import { steps, take } from './scene-steps.js';
import { Scene, type SceneSpec, scenePlatform } from './scene.js';

const saved = (scene: Scene): Uint8Array => saveCheckpoint(scene.simulation, (archive) => scene.checkpoint(archive));

const restored = (bytes: Uint8Array, spec: SceneSpec): Scene => {
  let scene: Scene | null = null;
  restoreCheckpoint(bytes, {
    platform: scenePlatform(spec),
    own: (archive) => {
      scene = Scene.from(spec, archive);
    },
  });
  return scene!;
};

/** Steps before and after the checkpoint: how many at most, and of which kinds; by default of all. */
interface Runs {
  readonly runs: number;
  readonly length: number;
  readonly kinds?: readonly string[];
}

/** Each case has steps of its own. */
const seedOf = (title: string): number => 2006 + title.length;

/** Random runs of a scene that stop at a checkpoint go on as those that never stopped. */
export const runsOn = (title: string, spec: SceneSpec, { runs, length, kinds }: Runs): void => {
  it(title, () => {
    fc.assert(
      fc.property(steps(length, kinds), steps(length, kinds), (before, after) => {
        const scene = Scene.make(spec);
        for (const step of before) take(scene, step);
        const seen = scene.view();
        const bytes = saved(scene);
        const copy = restored(bytes, spec);
        expect(scene.view()).toEqual(seen);
        expect(copy.view()).toEqual(seen);
        expect(Buffer.compare(saved(copy), bytes)).toBe(0);
        for (const step of after) {
          take(scene, step);
          take(copy, step);
        }
        expect(copy.view()).toEqual(scene.view());
        expect(Buffer.compare(saved(copy), saved(scene))).toBe(0);
      }),
      { numRuns: runs, seed: seedOf(title) },
    );
  });
};
