import type { Lab, LabPart, WorkloadSeries } from '../workload.js';

/** What a crash and the way back look like over time. */
export const CRASH_SERIES = {
  steps: { title: 'A processor at work for it', unit: '%', index: 'step', timeLine: 'blocks' },
  unanswered: { title: 'Packets or requests without an answer', unit: '', index: 'state', timeLine: 'curve' },
  frames: { title: 'Memory of the driver domain', unit: 'frames', index: 'state', timeLine: 'curve' },
  withoutService: { title: 'Without service', unit: 's', index: 'outage', timeLine: 'pause' },
} as const satisfies Record<string, WorkloadSeries>;

/** Of the outage, what is shown beyond its end. */
const AFTERWARDS = 0.08;

/** When each step ends, in seconds from the crash. */
const endsOf = (steps: readonly LabPart[]): number[] => {
  let at = 0;
  return steps.map(({ value }) => (at += value));
};

/** Records the steps one after the other, and that nobody is served meanwhile: how long it is, in seconds. */
export const recordSteps = (lab: Lab, steps: readonly LabPart[]): number => {
  const ends = endsOf(steps);
  const outage = ends[ends.length - 1];
  const starts = [0, ...ends.slice(0, -1)];
  lab.record(
    'steps',
    steps.map(({ waiting }) => (waiting ? 0 : 100)),
    { starts, ends },
  );
  lab.record('withoutService', [outage], { starts: [0], ends: [outage] });
  return outage;
};

/** Records what is so from the crash, once the domain is taken down, once it is built, and once guests are served again. */
export const recordState = (
  lab: Lab,
  steps: readonly LabPart[],
  series: 'unanswered' | 'frames',
  values: readonly [fromCrash: number, takenDown: number, built: number, served: number],
): void => {
  const [, takenDown, built] = endsOf(steps);
  const outage = endsOf(steps)[steps.length - 1];
  const starts = [0, takenDown, built, outage];
  lab.record(series, values, { starts, ends: [...starts.slice(1), outage * (1 + AFTERWARDS)] });
};
