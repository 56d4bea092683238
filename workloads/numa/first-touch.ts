import type { Workload } from '../workload.js';
import { JOB_METRICS } from './node-metrics.js';
import { ONE_GUEST_PARAMETERS, measureOneGuest } from './one-guest.js';

export default {
  id: 'numa/first-touch',
  title: 'Guest with a virtual topology, pages placed at first touch',
  description:
    "A guest gets an equal part of its memory from each node and is told which part is which. A thread on each node goes through memory of its own, placed where it is touched first. A guest whose frame numbers are the machine's reads the topology of the host instead, and its memory is where the platform puts it.",
  parameters: ONE_GUEST_PARAMETERS,
  metrics: JOB_METRICS,
  run: (lab, parameters) => measureOneGuest(lab, parameters, { spread: 'parts', shown: true, policy: 'first touch' }),
} satisfies Workload;
