import { EventHeap } from './event-heap.js';
import type { QueueJob, QueueNetwork, QueueRun, QueueStage } from './queue-network.js';

/** A job on its way. */
interface Moving {
  readonly job: QueueJob;
  readonly bornNs: number;
  step: number;
  cameNs: number;
}

/** A stage, with what waits before it. */
interface Standing {
  readonly stage: QueueStage;
  readonly waiting: Moving[];
  free: number;
  /** Wake-ups that are out of date have another number. */
  alarm: number;
  present: number;
  lastNs: number;
  served: number;
  batches: number;
  busyNs: number;
  serviceNs: number;
  presentNs: number;
  sojournNs: number;
}

type Moment =
  | { readonly kind: 'arrival' }
  | { readonly kind: 'alarm'; readonly at: Standing; readonly alarm: number }
  | { readonly kind: 'done'; readonly at: Standing; readonly moving: readonly Moving[] };

const standing = (stage: QueueStage): Standing => ({
  stage,
  waiting: [],
  free: stage.servers,
  alarm: 0,
  present: 0,
  lastNs: 0,
  served: 0,
  batches: 0,
  busyNs: 0,
  serviceNs: 0,
  presentNs: 0,
  sojournNs: 0,
});

/** Brings the areas under the numbers of jobs and of busy servers up to a moment. */
const follow = (at: Standing, nowNs: number): void => {
  const passed = nowNs - at.lastNs;
  at.presentNs += passed * at.present;
  at.busyNs += passed * (at.stage.servers - at.free);
  at.lastNs = nowNs;
};

/**
 * Runs a network of queues from event to event until every job is through. Deterministic: what happens at one moment happens in the
 * order in which it was brought about. `checkQueueLaws` says whether what came out can be true.
 */
export const simulateQueues = ({ stages, routes, arrivals, jobs }: QueueNetwork): QueueRun => {
  const heap = new EventHeap<Moment>();
  const all = stages.map(standing);
  const latenciesNs = new Float64Array(jobs);
  const endsNs = new Float64Array(jobs);
  let born = 0;
  let ended = 0;
  let nowNs = 0;

  const begin = (at: Standing): void => {
    while (at.free > 0 && at.waiting.length > 0) {
      const moving = at.waiting.splice(0, at.stage.batch);
      const ns = at.stage.serve(moving);
      follow(at, nowNs);
      at.free -= 1;
      at.alarm += 1;
      at.batches += 1;
      at.serviceNs += ns;
      heap.put(nowNs + ns, { kind: 'done', at, moving });
    }
  };

  const arrive = (moving: Moving): void => {
    const at = all[moving.job.route[moving.step]];
    const { moderation, servers } = at.stage;
    follow(at, nowNs);
    at.present += 1;
    moving.cameNs = nowNs;
    at.waiting.push(moving);
    const idle = at.free === servers;
    if (moderation === undefined || at.waiting.length >= moderation.jobs || !idle) begin(at);
    else if (at.waiting.length === 1) heap.put(nowNs + moderation.delayNs, { kind: 'alarm', at, alarm: at.alarm });
  };

  const enter = (source: number): void => {
    const job: QueueJob = { id: born, source, route: routes[source] };
    born += 1;
    arrive({ job, bornNs: nowNs, step: 0, cameNs: nowNs });
  };

  const leave = ({ job, bornNs }: Moving): void => {
    latenciesNs[job.id] = nowNs - bornNs;
    endsNs[ended] = nowNs;
    ended += 1;
    if (arrivals.kind === 'closed' && born < jobs) enter(job.source);
  };

  if (arrivals.kind === 'open') {
    heap.put(arrivals.gapNs(), { kind: 'arrival' });
  } else {
    const first = Math.min(jobs, arrivals.window * routes.length);
    for (let count = 0; count < first; count += 1) enter(count % routes.length);
  }
  while (heap.size > 0) {
    const { ns, item } = heap.take();
    nowNs = ns;
    if (item.kind === 'arrival') {
      enter(born % routes.length);
      if (arrivals.kind === 'open' && born < jobs) heap.put(nowNs + arrivals.gapNs(), item);
    } else if (item.kind === 'alarm') {
      if (item.alarm === item.at.alarm) begin(item.at);
    } else {
      const { at, moving } = item;
      follow(at, nowNs);
      at.free += 1;
      at.present -= moving.length;
      at.served += moving.length;
      for (const each of moving) {
        at.sojournNs += nowNs - each.cameNs;
        each.step += 1;
        if (each.step < each.job.route.length) arrive(each);
        else leave(each);
      }
      begin(at);
    }
  }
  for (const at of all) follow(at, nowNs);
  return {
    jobs: ended,
    elapsedNs: nowNs,
    latenciesNs,
    endsNs,
    stages: all.map(({ stage: { name, servers }, served, batches, busyNs, serviceNs, presentNs, sojournNs }) => ({
      name,
      servers,
      served,
      batches,
      busyNs,
      serviceNs,
      presentNs,
      sojournNs,
    })),
  };
};
