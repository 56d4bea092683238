import type { Workload } from '../workload.js';
import { REMOVAL_METRICS, drainInSteps, finishRemoval, measureDrained, measureSlowdown } from './remove-metrics.js';
import { LOAD_PARAMETERS, domainInBank, loadDomain } from './scene.js';

export default {
  id: 'hot-plug/remove-bank',
  title: 'Remove a bank under load',
  description:
    'A domain has a part of its memory in a bank and writes all the time. The bank is emptied in steps and taken out, or refused with the frames that block it, and then given back. Memory of its kernel blocks where only the domain itself can leave a frame; what a device was told of blocks everywhere.',
  parameters: {
    ...LOAD_PARAMETERS,
    step: { title: 'Frames emptied at a time', default: 512, unit: 'frames', min: 1, max: 1e6 },
  },
  metrics: REMOVAL_METRICS,
  run(lab, parameters) {
    const scene = domainInBank(lab, parameters);
    if (scene === null) return;
    const { host, domain, bank } = scene;
    const program = loadDomain(lab, domain, parameters);
    lab.memory.frameMap(host, 'before');
    const removal = lab.memory.banks.unplug(host, bank);
    if (removal === null) return;
    const drained = measureSlowdown(lab, program, parameters.writeRate, () =>
      drainInSteps(lab, removal, { step: Math.round(parameters.step) }),
    );
    measureDrained(lab, drained);
    finishRemoval(lab, removal, scene);
    lab.memory.frameMap(host, 'after');
    lab.memory.check(host);
  },
} satisfies Workload;
