import { type Domain, isFinding } from '../../engine/index.js';
import {
  bootDomain0,
  buildGuest,
  built,
  countDirect,
  countRuns,
  giveSinglesBack,
  growBack,
  mapRings,
  recordedHost,
  runGuest,
  shrink,
} from '../scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const DIRECT = 'xen-arm/balloon-direct';
const TRANSLATED = 'xen-arm/balloon-translated/from the heap';
const MIB_64 = 64 * PAGES_A_MEBIBYTE;
/** The host's size is not recorded; free pages at the start say 2 GiB. */
const TRANSLATED_HOST_MIB = 2048;

/**
 * Single pages that Linux had free before each step, where programs that had ended used them: one for each run of the translated guest
 * that its rows have above what one hole makes. For the direct domain0 nothing was chosen.
 */
const SINGLES = [22, 3] as const;
const CHOSEN = {
  isCalibrated: true,
  note: `single pages that Linux had free elsewhere, ${SINGLES[0]} and then ${SINGLES[1]} more`,
};
const START = '1 start';
const PREDICTED =
  'single pages that Linux had free elsewhere: as many as the runs of the translated guest say, in one piece of 2 MiB each time';
const AFTER = 'each page comes back to a frame of its own; which frames were free by then is not known';

/** A step of 64 MiB: the balloon gets what is free in single pages first. */
const shrinkStep = (domain: Domain, step: 0 | 1): void => {
  giveSinglesBack(domain, SINGLES[step], step + 1);
  shrink(domain, MIB_64);
};

/** Domain0 of 512 MiB on 1024 MiB: 64 MiB out, 64 MiB out, all in. */
const direct = (): Map<string, Outcome> => {
  const arm = recordedHost(1024);
  const domain0 = built(bootDomain0(arm, 512));
  const outcomes = new Map<string, Outcome>();
  let startFree = 0;
  const count = (step: string): void => {
    const counts = countDirect(arm, domain0);
    if (startFree === 0) startFree = counts.freePages;
    const note = `${counts.freePages - startFree} since the start, where what is off is unexplained`;
    const tables = step === START ? {} : { note: PREDICTED };
    outcomes.set(`${DIRECT}/${step}/free pages`, { actual: counts.freePages, note });
    outcomes.set(`${DIRECT}/${step}/owned`, { actual: counts.owned });
    outcomes.set(`${DIRECT}/${step}/identity entries`, { actual: counts.identityEntries });
    outcomes.set(`${DIRECT}/${step}/table pages`, { actual: counts.tablePages, ...tables });
    outcomes.set(`${DIRECT}/${step}/2 MiB entries`, { actual: counts.largeEntries, ...tables });
  };
  count(START);
  shrinkStep(domain0, 0);
  count('2 -64 MiB');
  shrinkStep(domain0, 1);
  count('3 -64 MiB');
  growBack(domain0);
  count('4 +128 MiB');
  return outcomes;
};

const besideGuests = (): Map<string, Outcome> => {
  const arm = recordedHost(1024);
  const domain0 = built(bootDomain0(arm, 512));
  shrink(domain0, 2 * MIB_64);
  const free = arm.host.heap.freeFrames;
  const refused = buildGuest(arm, 'large guest', 520 * PAGES_A_MEBIBYTE);
  const nothingTaken = arm.host.heap.freeFrames === free;
  mapRings(domain0, built(buildGuest(arm, 'guest', 256 * PAGES_A_MEBIBYTE)), 0);
  const short = growBack(domain0);
  return new Map([
    [
      `${DIRECT}/5 create a guest of 520 MiB while 32768 pages are ballooned out/result`,
      {
        actual: isFinding(refused) && nothingTaken ? 'refused' : 'granted',
        note: isFinding(refused) ? refused.detail : '',
      },
    ],
    [`${DIRECT}/6 create a guest of 256 MiB; then grow back/result/pages short a live guest`, { actual: short }],
  ]);
};

const RUN_NOTES: Readonly<Record<number, Omit<Outcome, 'actual'>>> = {
  1: {},
  2: CHOSEN,
  3: CHOSEN,
  4: { note: AFTER },
};

const translated = (): Map<string, Outcome> => {
  const arm = recordedHost(TRANSLATED_HOST_MIB);
  built(bootDomain0(arm, 512));
  const guest = runGuest(arm, 256 * PAGES_A_MEBIBYTE, 'hypervisor');
  const outcomes = new Map<string, Outcome>();
  const startFree = arm.host.heap.freeFrames;
  const count = (step: number): void => {
    const free = arm.host.heap.freeFrames;
    outcomes.set(`${TRANSLATED}/free pages/step ${step}`, {
      actual: free,
      note: `${free - startFree} since the start; neither the size of the host nor its device tree is recorded`,
    });
    outcomes.set(`${TRANSLATED}/owned/step ${step}`, { actual: guest.model.ownedFrames().length });
    outcomes.set(`${TRANSLATED}/runs of contiguous frames/step ${step}`, {
      actual: countRuns(guest),
      ...RUN_NOTES[step],
    });
  };
  count(1);
  shrinkStep(guest, 0);
  count(2);
  shrinkStep(guest, 1);
  count(3);
  growBack(guest);
  count(4);
  return outcomes;
};

export const armBalloon: Prediction = {
  id: 'arm-balloon',
  title: 'A direct domain0 that keeps its frames, and a translated guest, balloon 128 MiB out and in beside guests.',
  covers: [DIRECT, TRANSLATED],
  run: () => new Map([...direct(), ...besideGuests(), ...translated()]),
};
