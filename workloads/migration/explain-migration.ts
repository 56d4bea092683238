import type { Lab, LabMigration, LabPart } from '../workload.js';

type Elapsed = LabMigration['elapsed']['downtime'];

/** What may bound the time of a migration, in words. */
const WORDS = {
  map: { title: 'map the pages', waiting: false },
  harvest: { title: 'harvest the dirty log', waiting: false },
  canonicalise: { title: 'read and canonicalise', waiting: false },
  limit: { title: 'wait for the rate limiter', waiting: true },
  send: { title: 'send', waiting: false },
  wire: { title: 'wait for the wire', waiting: true },
  latency: { title: 'wait for the latency of the link', waiting: true },
  receive: { title: 'receive and put in place', waiting: false },
  suspend: { title: 'suspend the guest', waiting: false },
  resume: { title: 'resume the guest', waiting: false },
} as const satisfies Record<keyof Elapsed, Omit<LabPart, 'value'>>;

/** Parts with their times added up, in units of so many nanoseconds. */
const partsOf = (unitNs: number, ...times: readonly Elapsed[]): readonly LabPart[] =>
  Object.entries(WORDS).map(([part, words]) => ({
    ...words,
    value: times.reduce((sum, elapsed) => sum + elapsed[part as keyof Elapsed], 0) / unitNs,
  }));

/** States what bounded the downtime (in ms) and the total time (in s) of a migration. */
export const explainMigration = (lab: Lab, { elapsed: { untilStop, downtime, afterwards } }: LabMigration): void => {
  lab.explain('downtime', partsOf(1e6, downtime));
  lab.explain('totalTime', partsOf(1e9, untilStop, downtime, afterwards));
};
