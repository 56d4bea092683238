import type { Workload } from '../workload.js';
import { NODE_PARAMETERS, REBALANCE_METRICS } from './node-metrics.js';
import { runRebalancing } from './rebalance.js';

export default {
  id: 'numa/rebalance-by-hypervisor',
  title: 'Rebalancing by the hypervisor',
  description:
    'Threads of the control domain have moved on by one node. The hypervisor moves their pages after them: behind its back, with the domain suspended, or not at all, by what its memory model allows.',
  parameters: NODE_PARAMETERS,
  metrics: REBALANCE_METRICS,
  run: (lab, given) => runRebalancing(lab, given, 'hypervisor'),
} satisfies Workload;
