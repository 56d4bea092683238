import type { Workload } from '../workload.js';
import { JOB_METRICS } from './node-metrics.js';
import { ONE_GUEST_PARAMETERS, measureOneGuest } from './one-guest.js';

export default {
  id: 'numa/blind',
  title: 'Guest over all nodes that is told of none',
  description:
    'A guest gets its memory from all nodes in turn, chunk by chunk, as by a hypervisor that is not told where it runs. It cannot tell near memory from far.',
  parameters: ONE_GUEST_PARAMETERS,
  metrics: JOB_METRICS,
  run: (lab, parameters) => measureOneGuest(lab, parameters, { spread: 'allocations', policy: 'first touch' }),
} satisfies Workload;
