import type { Workload } from '../workload.js';
import { CROWD_PARAMETERS, runCrowd } from './crowd.js';
import { JOB_METRICS } from './node-metrics.js';

export default {
  id: 'numa/guests-aware',
  title: 'Guests near their memory',
  description:
    'Guests of one thread each, placed on one node after the other with all of their memory, as by tools that are aware of nodes.',
  parameters: CROWD_PARAMETERS,
  metrics: JOB_METRICS,
  run: (lab, given) => runCrowd(lab, given, 'own'),
} satisfies Workload;
