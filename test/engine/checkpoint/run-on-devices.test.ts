import { describe } from 'vitest';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from '../support.js';
import { DEVICE_STEPS } from './device-steps.js';
import { runsOn } from './run-on.js';

/** Devices, what they are told of and what moves under them; what makes something for others to use comes more often. */
const kinds = [
  ...Object.keys(DEVICE_STEPS),
  'assign device',
  'map buffer',
  'map buffer',
  'map buffer',
  'give up buffer',
  'device of control domain',
  'map granted',
  'grant',
  'end grant',
  'advance',
  'balloon out',
  'balloon in',
  'map',
  'log',
  'stop logging',
];
const RUNS = { runs: 5, length: 100, kinds };

describe('a run with devices that is saved at any point, restored and run on is the run without the stop', () => {
  VARIANTS.forEach((control, index) => {
    const guest = VARIANTS[(index + 1) % VARIANTS.length];
    runsOn(
      `ia64, control domain ${control.title}, guests ${guest.title}`,
      { control, guest, scheme: vhptScheme() },
      RUNS,
    );
  });
  RADIX_VARIANTS.forEach((control, index) => {
    const guest = RADIX_VARIANTS[(index + 1) % RADIX_VARIANTS.length];
    const title = `radix tables, control domain ${control.title}, guests ${guest.title}`;
    runsOn(title, { control, guest, scheme: radixScheme() }, RUNS);
  });
  const insert = VARIANTS.find(({ model }) => model === 'insert')!;
  runsOn('ppc64', { control: insert, guest: insert, scheme: hashScheme() }, RUNS);
});
