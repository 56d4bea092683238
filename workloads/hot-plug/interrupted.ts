import type { Workload } from '../workload.js';
import { REMOVAL_METRICS, drainInSteps, finishRemoval, measureDrained, measureSlowdown } from './remove-metrics.js';
import { LOAD_PARAMETERS, domainInBank, loadDomain } from './scene.js';

const { removed, time, moved, stall, slowdown, stranded } = REMOVAL_METRICS;

export default {
  id: 'hot-plug/interrupted',
  title: 'A removal that is left half-way, and resumed or undone',
  description:
    'A bank is emptied up to a share of its frames and then left alone for a while, with the domain writing on. Then the removal goes on to its end, or is undone. What was moved stays where it is.',
  parameters: {
    ...LOAD_PARAMETERS,
    until: {
      title: 'Share of the domain’s pages there after which it is left',
      default: 50,
      unit: '%',
      min: 0,
      max: 100,
    },
    waits: { title: 'Time that it is left alone', default: 1, unit: 's', min: 0, max: 3600 },
    undo: { title: 'Then undone (1), or resumed (0)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    removed: { ...removed, description: '1 when the bank is out in the end; 0 when it was undone or is blocked.' },
    time,
    moved,
    stall,
    slowdown: { ...slowdown, description: 'Accesses from the start to the end, the time left alone included.' },
    blockedByKernel: REMOVAL_METRICS.blockedByKernel,
    blockedByDevice: REMOVAL_METRICS.blockedByDevice,
    blockedOtherwise: REMOVAL_METRICS.blockedOtherwise,
    overhead: REMOVAL_METRICS.overhead,
    half: {
      title: 'Memory out of use while it is left alone',
      unit: 'MiB',
      better: 'lower',
      description: 'Frames of the bank that nobody may have in the meantime.',
    },
    stranded,
    back: {
      title: 'Memory of the bank in use again',
      unit: 'MiB',
      better: 'higher',
      description: 'What the host has free more, once it was undone; nothing where it was not.',
    },
  },
  run(lab, parameters) {
    const { until, waits, undo, writeRate } = parameters;
    const { banks } = lab.memory;
    const scene = domainInBank(lab, parameters);
    if (scene === null) return;
    const { host, domain, bank } = scene;
    const program = loadDomain(lab, domain, parameters);
    const frames = Math.floor((banks.pagesIn(domain, bank) * until) / 100);
    const removal = banks.unplug(host, bank);
    if (removal === null) return;
    let freeBefore = 0;
    const drained = measureSlowdown(lab, program, writeRate, () => {
      const first = drainInSteps(lab, removal, { step: Math.max(1, frames), frames });
      lab.memory.check(host);
      lab.measure('half', removal.outOfUse);
      lab.advance(waits);
      freeBefore = host.freeBytes;
      if (undo >= 0.5) return first;
      const second = drainInSteps(lab, removal, { step: 512 });
      return {
        ...second,
        moved: first.moved + second.moved,
        seconds: first.seconds + second.seconds,
        stalled: first.stalled + second.stalled,
      };
    });
    measureDrained(lab, drained);
    finishRemoval(lab, removal, scene, undo >= 0.5);
    lab.measure('back', undo >= 0.5 ? (host.freeBytes - freeBefore) / 2 ** 20 : 0);
    lab.memory.check(host);
  },
} satisfies Workload;
