import type { LabDomain, LabHost } from './workload.js';

/** A range of memory at its addresses, in MiB. */
export interface LabBank {
  readonly start: number;
  readonly size: number;
}

export interface LabPlugged {
  /** MiB that the tables about the new memory took, out of it. */
  readonly tables: number;
  /** MiB that are free for domains. */
  readonly usable: number;
  readonly seconds: number;
}

/** What a step of emptying frames came to. */
export interface LabDrained {
  /** Pages that were moved to another frame. */
  readonly moved: number;
  /** Frames that stay in use. */
  readonly blocked: number;
  /** Frames of the bank that are still in use. */
  readonly left: number;
  /** Processor time of all that had a part in it, one after the other, which is how long it took. */
  readonly seconds: number;
  /** Of it the guest did not run. */
  readonly stalled: number;
}

/** A bank on its way out. It may be left and taken up again at any point. */
export interface LabRemoval {
  /** Empties up to so many frames, from where it stopped; all where nothing is said. Virtual time passes. */
  drain(frames?: number): LabDrained;
  /** Takes the bank out; false while frames are in use, which is recorded as a finding that lists them. */
  finish(): boolean;
  /** Gives the bank back. Pages that were moved stay where they are. */
  undo(): void;
  /** Frames that stood in the way when it last went over the bank, by the rule that keeps each. */
  readonly blockedBy: ReadonlyMap<string, number>;
  /** MiB of the bank that nobody can have while it is neither out nor given back. */
  readonly outOfUse: number;
}

/** Banks that come and go while the host runs. Whatever is refused is recorded as a finding. */
export interface LabBanks {
  /** Plugs a bank in; null when refused. */
  plug(host: LabHost, bank: LabBank): LabPlugged | null;
  /** Lets a domain have memory of a bank that was plugged in: pages that came. */
  give(domain: LabDomain, bank: LabBank): number;
  /** Begins to take a bank out; null when refused. */
  unplug(host: LabHost, bank: LabBank): LabRemoval | null;
  /** Takes frames of a domain out of use, one after the other, from anywhere in its memory. */
  offline(domain: LabDomain, frames: number): LabDrained;
  /** Pages of a domain whose frames are in a bank. */
  pagesIn(domain: LabDomain, bank: LabBank): number;
  /** The kernel of the domain takes so many of its free pages for itself, from anywhere; how many there were. */
  takeForKernel(domain: LabDomain, pages: number): number;
  /** The domain tells a device of so many of its free pages, from anywhere, and leaves it at that; how many there were. */
  holdForDevice(domain: LabDomain, pages: number): number;
}

/** A page of a domain's kernel, by number as `touchKernel`. */
export interface LabPage {
  readonly domain: LabDomain;
  readonly page: number;
}

/** More memory for guests than there is. Whatever is refused is recorded as a finding, one a rule. */
export interface LabOvercommit {
  /** Gives the host a disk of so many MiB for pages of guests. */
  addDisk(host: LabHost, size: number): void;
  /** The kernel of the domain fills one of its pages, by number as `touchKernel`: 0 with zeros, else with what that number stands for. */
  fill(domain: LabDomain, page: number, contents: number): void;
  /** Puts pages of equal contents on the frame of the first of them; how many frames that freed. */
  share(copies: readonly LabPage[]): number;
  /** Writes pages of a domain's program to the disk; how many went. */
  pageOutProgram(domain: LabDomain, first: number, pages: number): number;
  /** Writes pages of a domain's kernel to the disk, by number as `touchKernel`; how many went. */
  pageOutKernel(domain: LabDomain, pages: readonly number[]): number;
  /** Balloons pages of a domain's kernel out that nothing uses, by number as `touchKernel`; how many went. */
  balloonOutKernel(domain: LabDomain, pages: readonly number[]): number;
  /** Builds a domain with fewer frames than pages, in MiB; null when refused. */
  buildOnDemand(
    host: LabHost,
    domain: {
      readonly role: 'guest' | 'driver';
      readonly name: string;
      readonly memory: number;
      readonly frames: number;
    },
  ): LabDomain | null;
  /** Pages of a domain without a frame of its own. */
  outside(domain: LabDomain): number;
  /** Ballooned-out pages of a domain whose very frames another domain, or the hypervisor, has now. */
  takenByOthers(domain: LabDomain): number;
  /** Whether a domain's program had to stop because a page could not be brought. */
  stopped(domain: LabDomain): boolean;
  /** Accepts ways that no real system of the platform had, from here on. */
  allowHypothetical(): void;
}

/** How the memory of a host lies, and what it holds. */
export interface LabLayout {
  /** MiB of the hypervisor's tables with an entry for each frame. */
  tables(host: LabHost): number;
  /** MiB from the lowest to the highest address by which a domain knows its memory. */
  span(domain: LabDomain): number;
  /** Parts of so many MiB, at multiples of that, in which a domain has memory by the addresses that it knows. */
  parts(domain: LabDomain, size: number): number;
  /** MiB of a domain's longest run of pages whose frames follow each other too. */
  longestRun(domain: LabDomain): number;
  /** Share of a domain's memory in large pages of the platform that its frames would allow, 0 to 1. */
  largePageShare(domain: LabDomain): number;
  /** Share of a domain's memory at machine addresses of so many bits, 0 to 1. */
  below(domain: LabDomain, addressBits: number): number;
  /** Share of free memory in chunks of at least so many MiB, 0 to 1; 0 where nothing is free. */
  freeInChunks(host: LabHost, size: number): number;
  /** Nanoseconds of processor time that the domain's kernel takes to read one page of its memory, at random, once it has read all. */
  readNs(domain: LabDomain, accesses: number): number;
  /** Has a driver map buffers of so many pages for a device, each from anywhere in its memory, and unmap them. */
  mapBuffers(domain: LabDomain, options: LabBuffers): LabBuffersMapped | null;
}

export interface LabBuffers {
  readonly buffers: number;
  readonly pages: number;
  readonly addressBits: number;
  /** MiB of memory that the device can address, through which others' contents go. */
  readonly bouncePool: number;
}

export interface LabBuffersMapped {
  /** Buffers that were copied by way of the pool. */
  readonly bounced: number;
  /** Buffers that the device could not be told of at all. */
  readonly failed: number;
  /** Processor time of the domain. */
  readonly seconds: number;
}

/** Hosts whose memory is what a workload is about. */
export interface LabHostMemory {
  /**
   * From here on hosts have these banks, and a control domain of so many MiB; said before any host is made. False where the hypervisor's
   * tables about them do not fit, which is recorded as a finding.
   */
  lay(banks: readonly LabBank[], control: number): boolean;
  /** MiB that the hypervisor keeps for itself, at the lowest addresses. */
  readonly hypervisorSize: number;
  readonly banks: LabBanks;
  readonly overcommit: LabOvercommit;
  readonly layout: LabLayout;
  /**
   * Keeps who has the host's memory now, so that it can be drawn; `moment` is a word or two. Domains in `together` are drawn as one owner
   * of that name. Maps of a run are of one host.
   */
  frameMap(
    host: LabHost,
    moment: string,
    together?: { readonly name: string; readonly domains: readonly LabDomain[] },
  ): void;
  /** Compares the memory of every domain of a host, to the page, with what the domain wrote; throws where it differs. */
  check(host: LabHost): void;
}
