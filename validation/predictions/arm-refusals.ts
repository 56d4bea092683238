import { type Domain, beginLogDirty, isFinding, migrate, reliableLink, saveDomain } from '../../engine/index.js';
import { STATIC_GUEST, bootDomain0, buildGuest, built, otherHost, recordedHost } from '../scenes/arm-host.js';
import { PAGES_A_MEBIBYTE } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const START = 'xen-arm/refusals';
const GUEST_PAGES = 64 * PAGES_A_MEBIBYTE;
const STATIC_MEMORY = [{ start: 0x7000_0000, end: 0x7400_0000 }];
const LINK = reliableLink({ bitsPerSecond: 1e9, latencyNs: 0 });

/** Refused when this rule refuses every attempt. */
const outcomeOf = (attempts: readonly unknown[], rule: string): Outcome => {
  const rules = attempts.map((attempt) => (isFinding(attempt) ? attempt.rule : null));
  return { actual: rules.every((each) => each === rule) ? 'refused' : 'granted', note: `rule: ${rules.join(', ')}` };
};

export const armRefusals: Prediction = {
  id: 'arm-refusals',
  title:
    'Direct guests are asked for without static memory and with too little; a direct and a translated guest are to be moved, saved and logged.',
  covers: [START],

  run() {
    const arm = recordedHost(1024, STATIC_MEMORY);
    const control = built(bootDomain0(arm, 256));
    const other = otherHost(arm);
    const targetControl = built(bootDomain0(other, 256));
    const without = buildGuest(arm, 'other guest', GUEST_PAGES, 'direct');
    const ofAnotherSum = buildGuest(arm, STATIC_GUEST, 2 * GUEST_PAGES, 'direct');
    const guests = [
      built(buildGuest(arm, STATIC_GUEST, GUEST_PAGES, 'direct')),
      built(buildGuest(arm, 'translated', GUEST_PAGES)),
    ];
    const each = (attempt: (guest: Domain) => unknown): Outcome =>
      outcomeOf(guests.map(attempt), 'no-migration-on-arm');
    return new Map([
      [`${START}/direct-map without static memory`, outcomeOf([without], 'static-memory')],
      [`${START}/static memory of another sum`, outcomeOf([ofAnotherSum], 'static-memory-size')],
      [`${START}/log-dirty`, each((guest) => beginLogDirty(control, guest, () => {}))],
      [`${START}/save`, each((guest) => saveDomain({ guest, control, diskBytesPerSecond: 1e9 }))],
      [`${START}/live migration`, each((guest) => migrate({ guest, control, targetControl, link: LINK }))],
    ]);
  },
};
