import type { Workload } from '../workload.js';
import { CROWD_PARAMETERS, runCrowd } from './crowd.js';
import { JOB_METRICS } from './node-metrics.js';

export default {
  id: 'numa/guests-blind',
  title: 'Guests with memory of any nodes',
  description:
    'The same guests on the same nodes, with memory taken as by tools that are blind to them: from all nodes in turn, or each guest from the node of the processor that it was first put on, whichever it runs on later.',
  parameters: {
    ...CROWD_PARAMETERS,
    heap: {
      title: 'All nodes in turn (0), the first processor as Xen of 2006 (1)',
      default: 0,
      unit: '',
      min: 0,
      max: 1,
    },
    processors: { title: 'Processors of a node', default: 4, unit: '', min: 1, max: 64 },
  },
  metrics: JOB_METRICS,
  run: (lab, given) => runCrowd(lab, given, given.heap >= 0.5 ? 'first processor' : 'all'),
} satisfies Workload;
