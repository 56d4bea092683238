import type { LabDomain, LabHost } from './workload.js';

/** Where a domain's memory comes from; all nodes in turn where nothing is said. */
export interface LabPlacement {
  readonly nodes: readonly number[];
  /** Chunk by chunk, page by page, or the first part from the first node and so on. */
  readonly spread: 'allocations' | 'pages' | 'parts';
  /** With `parts`: the domain is handed a virtual topology. */
  readonly shown?: boolean;
}

/** A thread that goes through memory of its own, line by line, over and over. */
export interface LabThread {
  /** The node that it runs on. */
  readonly node: number;
  /** In MiB. */
  readonly memory: number;
  /** Times that it goes through. */
  readonly passes: number;
  /** Share of its accesses that write, 0 to 1. */
  readonly writeShare: number;
}

/** Threads of one domain. Opaque to a workload. */
export interface LabJob {
  readonly domain: LabDomain;
}

/** How threads of one or more jobs fared, all running at once. */
export interface LabJobRun {
  /** Until the last one was done. */
  readonly seconds: number;
  /** What an access took on average, in nanoseconds. */
  readonly accessNs: number;
  /** Share of accesses to the node that the thread ran on, 0 to 1. */
  readonly localShare: number;
  /** What threads read and wrote, in bytes a second. */
  readonly bytesPerSecond: number;
}

export interface LabRebalancing {
  /** MiB that moved to another node. */
  readonly moved: number;
  /** MiB that should have and did not. */
  readonly left: number;
  /** Seconds that the domain stood still or worked for it. */
  readonly seconds: number;
}

/** A driver domain copies packets between a guest's buffers and its own, told of them by a ring in the guest's memory. */
export interface LabPackets {
  readonly driver: LabDomain;
  readonly guest: LabDomain;
  /** The node that the driver domain's thread runs on. */
  readonly node: number;
  readonly packetBytes: number;
}

/** Hosts whose memory is on nodes. */
export interface LabNodes {
  /** Makes a host; `control` says where its control domain's memory comes from. Null when refused. */
  host(name: string, control?: LabPlacement): LabHost | null;
  /** As `host.build`, with memory from some nodes. */
  build(
    host: LabHost,
    domain: { readonly role: 'guest' | 'driver'; readonly name: string; readonly memory: number },
    placement?: LabPlacement,
  ): LabDomain | null;
  /** The domain's only processor runs on a node from here on: what its kernel knows of nodes decides which free frames it takes first. */
  runOn(domain: LabDomain, node: number): void;
  /** The node that is farthest from one; of several, the highest. */
  farthestFrom(node: number): number;
  /**
   * The nodes of the processors that a hypervisor which knows no nodes puts new guests on, of one virtual processor each: a node has so many
   * processors, and the control domain one virtual processor on each.
   */
  firstNodes(guests: number, processors: number): readonly number[];
  /** Gives threads their memory, which the domain's kernel places by what it sees of the nodes. */
  start(domain: LabDomain, threads: readonly LabThread[], policy: 'first touch' | 'interleaved'): LabJob;
  /** From here on its threads run on these nodes, in their order. */
  moveThreads(job: LabJob, nodes: readonly number[]): void;
  /** Lets jobs run at once, from their beginning. */
  run(jobs: readonly LabJob[]): LabJobRun;
  /** Brings the pages of a job's threads to their nodes; null when that is refused. Pages left behind are findings, one a rule. */
  rebalance(job: LabJob, by: 'hypervisor' | 'guest'): LabRebalancing | null;
  /** As `memory.frameMap`, with what a thread uses told apart by whether it is on the thread's node. */
  frameMap(host: LabHost, moment: string): void;
  /** Nanoseconds that memory takes for one packet, with nothing else running. */
  packetNs(packets: LabPackets): number;
}
