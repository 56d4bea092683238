import { expect, it } from 'vitest';
import { type AccessPattern, Simulation, restoreCheckpoint, saveCheckpoint } from '../../engine/index.js';
import { uniformPattern } from '../../workloads/patterns/uniform.js';
import { replayPattern } from '../../workloads/trace/replay.js';
import { platformOf } from '../engine/support.js';

const PLATFORM = platformOf([[0, 16]]);

const PATTERNS: Readonly<Record<string, (simulation: Simulation) => AccessPattern>> = {
  uniform: (simulation) => uniformPattern({ pages: 1000, writeShare: 0.5, stream: simulation.stream('pattern') }),
  recorded: () => replayPattern({ pages: 97, words: Uint32Array.from({ length: 97 }, (_, index) => index << 8) }),
};

const fillFrom = (pattern: AccessPattern, buffer: Uint32Array): number => pattern.fill(buffer);

const next = (pattern: AccessPattern): number[] => {
  const buffer = new Uint32Array(40);
  const count = fillFrom(pattern, buffer);
  return [...buffer.subarray(0, count)];
};

it.each(Object.entries(PATTERNS))('a pattern goes on where its checkpoint was made: %s', (_name, make) => {
  const simulation = new Simulation(PLATFORM, 'patterns');
  const pattern = make(simulation);
  for (let count = 0; count < 5; count += 1) next(pattern);
  const save = (saved: AccessPattern) => ({ checkpoint: saved.checkpoint!.bind(saved) });
  const bytes = saveCheckpoint(simulation, (archive) => archive.part('pattern', save(pattern)));
  let copy: AccessPattern | null = null;
  restoreCheckpoint(bytes, {
    platform: PLATFORM,
    own(archive) {
      copy = make(archive.simulation);
      archive.part('pattern', save(copy));
    },
  });
  const after = [next(pattern), next(pattern), next(pattern)];
  expect([next(copy!), next(copy!), next(copy!)]).toEqual(after);
  expect(next(make(simulation))).not.toEqual(after[0]);
});
