import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreCheckpoint, saveCheckpoint } from '../../../engine/index.js';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from '../support.js';
import { steps, take } from './scene-steps.js';
import { Scene, type SceneSpec, scenePlatform } from './scene.js';

const RUNS = 6;

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

const runsOn = (title: string, spec: SceneSpec): void => {
  it(title, () => {
    fc.assert(
      fc.property(steps(60), steps(60), (before, after) => {
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
      { numRuns: RUNS, seed: 2006 },
    );
  });
};

describe('a run that is saved at any point, restored and run on is the run without the stop', () => {
  VARIANTS.forEach((control, index) => {
    for (const guest of [control, VARIANTS[(index + 2) % VARIANTS.length]]) {
      const scheme = vhptScheme({ insertClip: 'run' });
      runsOn(`ia64, control domain ${control.title}, guests ${guest.title}`, { control, guest, scheme });
    }
  });
  RADIX_VARIANTS.forEach((control, index) => {
    for (const guest of [control, RADIX_VARIANTS[(index + 2) % RADIX_VARIANTS.length]]) {
      const title = `radix tables, control domain ${control.title}, guests ${guest.title}`;
      runsOn(title, { control, guest, scheme: radixScheme() });
    }
  });
  const insert = VARIANTS.find(({ model }) => model === 'insert')!;
  runsOn('ppc64', { control: insert, guest: insert, scheme: hashScheme() });
});
