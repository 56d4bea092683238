import { describe } from 'vitest';
import { RADIX_VARIANTS, VARIANTS, hashScheme, radixScheme, vhptScheme } from '../support.js';
import { DEVICE_STEPS } from './device-steps.js';
import { DRIVER_STEPS } from './driver-steps.js';
import { GRANT_STEPS } from './grant-steps.js';
import { runsOn } from './run-on.js';

/** Devices, what they are told of and what moves under them; what makes something for others to use comes more often. */
const deviceKinds = [
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
/** Drivers of every path beside mapped grants, under a domain whose memory moves. */
const driverKinds = [
  ...Object.keys(DRIVER_STEPS),
  ...Object.keys(GRANT_STEPS),
  'connect',
  'send',
  'send',
  'receive',
  'receive',
  'touch granted page',
  'balloon out',
  'balloon in',
  'map',
  'log',
  'harvest',
];

describe.each([
  { what: 'devices', runs: { runs: 4, length: 100, kinds: deviceKinds } },
  { what: 'split drivers', runs: { runs: 3, length: 60, kinds: driverKinds } },
])('a run with $what that is saved at any point, restored and run on is the run without the stop', ({ runs }) => {
  VARIANTS.forEach((control, index) => {
    const guest = VARIANTS[(index + 1) % VARIANTS.length];
    runsOn(
      `ia64, control domain ${control.title}, guests ${guest.title}`,
      { control, guest, scheme: vhptScheme() },
      runs,
    );
  });
  RADIX_VARIANTS.forEach((control, index) => {
    const guest = RADIX_VARIANTS[(index + 1) % RADIX_VARIANTS.length];
    const title = `radix tables, control domain ${control.title}, guests ${guest.title}`;
    runsOn(title, { control, guest, scheme: radixScheme() }, runs);
  });
  const insert = VARIANTS.find(({ model }) => model === 'insert')!;
  runsOn('ppc64', { control: insert, guest: insert, scheme: hashScheme() }, runs);
});
