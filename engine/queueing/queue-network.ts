/** Something that passes through stages: a packet, a disk request. */
export interface QueueJob {
  /** From 0 on, in the order of arrival. */
  readonly id: number;
  /** Whose it is, from 0 on: a guest. */
  readonly source: number;
  /** The stages that it passes, by index, in order. A stage may be passed more than once. */
  readonly route: readonly number[];
}

/** A job at a stage: `step` counts the stages of its route that it has behind it. */
export interface QueueVisit {
  readonly job: QueueJob;
  readonly step: number;
}

/** Interrupt moderation: an idle stage is told of its jobs once so many wait, or the first of them has waited so long. */
export interface Moderation {
  readonly jobs: number;
  readonly delayNs: number;
}

/** A device, a processor or a wire, with a queue before it: first come, first served. */
export interface QueueStage {
  readonly name: string;
  /** Jobs, or batches of them, that it serves at the same time. */
  readonly servers: number;
  /** The most jobs that it takes up together. */
  readonly batch: number;
  readonly moderation?: Moderation;
  /** Serves jobs: how long that takes, in nanoseconds. Called once, when their service begins, in the order of virtual time. */
  serve(visits: readonly QueueVisit[]): number;
}

/** How jobs come. */
export type Arrivals =
  /** Each source always has so many under way: the next one comes when one is done. Gives the throughput at saturation. */
  | { readonly kind: 'closed'; readonly window: number }
  /** They come whatever happens; `gapNs` gives the time from one to the next of all sources, which take turns. */
  | { readonly kind: 'open'; readonly gapNs: () => number };

export interface QueueNetwork {
  readonly stages: readonly QueueStage[];
  /** The route of each source's jobs. */
  readonly routes: readonly (readonly number[])[];
  readonly arrivals: Arrivals;
  /** Jobs in all. */
  readonly jobs: number;
}

/** What one stage did. Times in nanoseconds. */
export interface StageRun {
  readonly name: string;
  readonly servers: number;
  /** Jobs that were served, and in how many batches. */
  readonly served: number;
  readonly batches: number;
  /** Time that its servers were at work, by following how many are at work from event to event. */
  readonly busyNs: number;
  /** The same as the sum of all times of service. */
  readonly serviceNs: number;
  /** Jobs in it, waiting or served, times time: followed from event to event. */
  readonly presentNs: number;
  /** The same as the sum of the times from each job's coming to its going. */
  readonly sojournNs: number;
}

/** What came of a network of queues. Every job is through. */
export interface QueueRun {
  readonly jobs: number;
  readonly elapsedNs: number;
  /** From arrival to end, by job. */
  readonly latenciesNs: Float64Array;
  /** When each job ended, in order. */
  readonly endsNs: Float64Array;
  readonly stages: readonly StageRun[];
}
