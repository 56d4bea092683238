import { describe } from 'vitest';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from '../support.js';
import { runsOn } from './run-on.js';

const RUNS = { runs: 4, length: 60 };

describe('a run that is saved at any point, restored and run on is the run without the stop', () => {
  VARIANTS.forEach((control, index) => {
    for (const guest of [control, VARIANTS[(index + 2) % VARIANTS.length]]) {
      const scheme = vhptScheme({ insertClip: 'run' });
      runsOn(`ia64, control domain ${control.title}, guests ${guest.title}`, { control, guest, scheme }, RUNS);
    }
  });
  RADIX_VARIANTS.forEach((control, index) => {
    for (const guest of [control, RADIX_VARIANTS[(index + 2) % RADIX_VARIANTS.length]]) {
      const title = `radix tables, control domain ${control.title}, guests ${guest.title}`;
      runsOn(title, { control, guest, scheme: radixScheme() }, RUNS);
    }
  });
  const insert = VARIANTS.find(({ model }) => model === 'insert')!;
  runsOn('ppc64', { control: insert, guest: insert, scheme: hashScheme() }, RUNS);
});
