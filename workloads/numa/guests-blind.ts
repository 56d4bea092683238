import type { Workload } from '../workload.js';
import { CROWD_PARAMETERS, runCrowd } from './crowd.js';
import { JOB_METRICS } from './node-metrics.js';

export default {
  id: 'numa/guests-blind',
  title: 'Guests with memory of all nodes',
  description:
    'The same guests on the same nodes, with memory taken from all nodes in turn, as by tools that are blind to them.',
  parameters: CROWD_PARAMETERS,
  metrics: JOB_METRICS,
  run: (lab, given) => runCrowd(lab, given, 'blind'),
} satisfies Workload;
