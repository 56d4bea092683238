import type { LabNodes } from './nodes.js';
import type { LabDomain, LabHost } from './workload.js';

/** Who owns the memory of a host, and how much there is. Memory in MiB. */
export interface LabPolicyRules {
  /** The hypervisor hands memory out, or the control domain, which owns all but a reserve. */
  readonly owner: 'hypervisor' | 'control domain';
  readonly memory: number;
  /** What the control domain has for itself either way. */
  readonly control: number;
  /** What the hypervisor keeps for its own tables, where it does not own the rest. */
  readonly reserve: number;
  /** The host has so many nodes, with equal parts of its memory. */
  readonly nodes?: number;
}

/** Requests of guests for memory, at random. */
export interface LabDemand {
  readonly guests: readonly LabDomain[];
  /** Pages that a guest gives back and then asks for again, in one request. */
  readonly pages: number;
  readonly requests: number;
  /** Of all guests, in all. */
  readonly perSecond: number;
  /** Share of its time, 0 to 1, that the control domain works at something else, a piece for each request that a guest makes. */
  readonly busy: number;
}

/** What came of them. Times in nanoseconds of one request. */
export interface LabDemandRun {
  readonly medianNs: number;
  readonly p99Ns: number;
  /** CPU time of the guest and of the control domain. */
  readonly guestNs: number;
  readonly controlNs: number;
  /** Of both, what carrying the question to the control domain and the answer back took. */
  readonly crossingNs: number;
}

/** What a control domain did that it has no right to, in frames. */
export interface LabMisdeeds {
  /** Frames of a guest that it named to have them given to another. */
  readonly named: number;
  readonly handedOn: number;
  /** Frames that it wanted back while guests have them. */
  readonly wanted: number;
  readonly takenBack: number;
}

/** Hosts whose memory somebody owns. */
export interface LabPolicy {
  /** Where the host has nodes. Its hosts are under the same rules. */
  readonly nodes: LabNodes | null;
  host(name: string): LabHost | null;
  /** MiB that could still be handed out. */
  spare(host: LabHost): number;
  /** Has the owner take back what domains left; MiB that came. The hypervisor has it without that. */
  takeBack(host: LabHost): number;
  /** Share of a domain's pages, 0 to 1, that lie in whole aligned chunks of 2 MiB of the machine. */
  inChunks(domain: LabDomain): number;
  /** Lets guests ask for memory; null when a request is refused, which is recorded as a finding. */
  demand(host: LabHost, demand: LabDemand): LabDemandRun | null;
  /** From here on the control domain answers nobody. */
  silence(host: LabHost): void;
  /** A guest gives pages back and asks for them again; how many it got. What is refused is recorded as a finding, once. */
  turnOver(guest: LabDomain, pages: number): number;
  /** The control domain does what it has no right to, against a guest. */
  misbehave(host: LabHost, guest: LabDomain): LabMisdeeds;
}
