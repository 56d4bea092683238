import type { LabDrained, LabRemoval } from '../host-memory.js';
import { mebibytesOf } from '../memory-scene.js';
import type { Lab, LabProgram, WorkloadMetric } from '../workload.js';
import type { PluggedScene } from './scene.js';

export const REMOVAL_METRICS = {
  removed: {
    title: 'The bank can be taken out',
    unit: '',
    better: 'higher',
    description: '1 when nothing is left in it; 0 when frames block it, and all is given back.',
  },
  time: {
    title: 'Time to empty it',
    unit: 's',
    better: 'lower',
    description: 'Processor time of whoever moves pages, one after the other.',
  },
  moved: {
    title: 'Memory moved',
    unit: 'MiB',
    better: 'lower',
    description: 'Pages that were copied out of the bank, or given up by the domain that had them there.',
  },
  stall: {
    title: 'Time that the domain stood still',
    unit: 'ms',
    better: 'lower',
    description: 'Suspended, or while its pages were copied, or its own kernel worked for it.',
  },
  slowdown: {
    title: 'Work that its program did less',
    unit: '%',
    better: 'lower',
    description: 'Accesses while the bank was emptied, against its speed before.',
  },
  blockedByKernel: {
    title: 'Frames that the domain’s kernel blocks',
    unit: 'frames',
    better: 'lower',
    description: 'Page tables and what its kernel has for itself, where only the domain itself can leave a frame.',
  },
  blockedByDevice: {
    title: 'Frames that a device blocks',
    unit: 'frames',
    better: 'lower',
    description: 'A device was told of them, and may write there at any moment.',
  },
  blockedOtherwise: {
    title: 'Frames that something else blocks',
    unit: 'frames',
    better: 'lower',
    description: 'Another domain maps them, or there is no free frame to move them to.',
  },
  stranded: {
    title: 'Memory out of use while it waits',
    unit: 'MiB',
    better: 'lower',
    description: 'Frames of the bank that nobody may have while others block it; none once it is out or given back.',
  },
  overhead: {
    title: 'Memory for tables about the bank',
    unit: 'MiB',
    better: 'lower',
    description: 'They lie in the bank and go with it.',
  },
} as const satisfies Record<string, WorkloadMetric>;

/** Seconds between two steps. */
const PAUSE = 0.01;

/** Empties a bank in steps, with the domain’s program running in between, and sums the steps up. */
export const drainInSteps = (
  lab: Lab,
  removal: LabRemoval,
  { step, frames = Infinity }: { readonly step: number; readonly frames?: number },
): LabDrained => {
  const sum = { moved: 0, blocked: 0, left: Infinity, seconds: 0, stalled: 0 };
  let drained = 0;
  while (drained < frames) {
    const part = removal.drain(step);
    const done = part.moved + part.blocked;
    sum.moved += part.moved;
    sum.blocked += part.blocked;
    sum.seconds += part.seconds;
    sum.stalled += part.stalled;
    sum.left = part.left;
    drained += done;
    lab.advance(PAUSE);
    if (done < step || part.left === sum.blocked) break;
  }
  return sum;
};

/** What blocks a removal, by kind. */
const measureBlocked = (lab: Lab, { blockedBy }: LabRemoval): void => {
  const kernel = blockedBy.get('movable') ?? 0;
  const device = blockedBy.get('not-mapped-for-dma') ?? 0;
  const all = [...blockedBy.values()].reduce((sum, frames) => sum + frames, 0);
  lab.measure('blockedByKernel', kernel);
  lab.measure('blockedByDevice', device);
  lab.measure('blockedOtherwise', all - kernel - device);
};

export const measureDrained = (lab: Lab, { moved, seconds, stalled }: LabDrained): void => {
  lab.measure('time', seconds);
  lab.measure('moved', mebibytesOf(lab, moved));
  lab.measure('stall', stalled * 1e3);
};

/** Does something and states how much less the program did meanwhile. */
export const measureSlowdown = <Result>(lab: Lab, program: LabProgram, rate: number, act: () => Result): Result => {
  const [accesses, seconds] = [program.accesses, lab.seconds];
  const result = act();
  const expected = (lab.seconds - seconds) * rate;
  lab.measure('slowdown', expected === 0 ? 0 : Math.max(0, 1 - (program.accesses - accesses) / expected) * 100);
  return result;
};

/** Takes the bank out, or gives it back where something blocks it or it is to be undone; states which. */
export const finishRemoval = (lab: Lab, removal: LabRemoval, { tables }: PluggedScene, undone = false): void => {
  measureBlocked(lab, removal);
  const isOut = !undone && removal.finish();
  lab.measure('removed', isOut ? 1 : 0);
  lab.measure('stranded', removal.outOfUse);
  lab.measure('overhead', tables);
  if (!isOut) removal.undo();
};
