import type { Workload } from '../workload.js';
import { JOB_METRICS } from './node-metrics.js';
import { ONE_GUEST_PARAMETERS, measureOneGuest } from './one-guest.js';

export default {
  id: 'numa/interleaved',
  title: 'Guest with a virtual topology, pages interleaved',
  description:
    'As with first touch, but the kernel of the guest puts page after page on the next node that it knows: no thread is near, and no node is full.',
  parameters: ONE_GUEST_PARAMETERS,
  metrics: JOB_METRICS,
  run: (lab, parameters) => measureOneGuest(lab, parameters, { spread: 'parts', shown: true, policy: 'interleaved' }),
} satisfies Workload;
