import type { Workload } from '../workload.js';
import { NODE_PARAMETERS, REBALANCE_METRICS } from './node-metrics.js';
import { runRebalancing } from './rebalance.js';

export default {
  id: 'numa/rebalance-by-guest',
  title: 'Rebalancing by the guest',
  description:
    'Threads of the control domain have moved on by one node. Its own kernel copies their pages after them, where it is told of nodes: by the host itself or by a virtual topology.',
  parameters: NODE_PARAMETERS,
  metrics: REBALANCE_METRICS,
  run: (lab, given) => runRebalancing(lab, given, 'guest'),
} satisfies Workload;
