import type { DeviceReach, DriverPaths, Finding } from '../engine/index.js';
import type { LabDomain, LabMechanism } from './workload.js';

/** What stands between a device and memory. `usual`: what the alternative's conditions and the domain's role give it. */
export type LabGuard = 'usual' | 'none' | 'identity' | 'all RAM' | 'own' | 'own, deferred' | 'buffers' | 'second stage';

export interface LabDeviceOptions {
  readonly kind: 'network' | 'disk';
  readonly guard?: LabGuard;
  /** Bits of the addresses that it can put on the bus; 64 where not given. */
  readonly addressBits?: number;
  /** Memory of the bounce pool that its domain sets aside for it, in MiB; none where not given. */
  readonly bouncePool?: number;
  /** A network device with a queue for each frontend knows whose page it fills. A disk always does. */
  readonly queueAFrontend?: boolean;
  /** The node that it hangs off, on a host with nodes. */
  readonly node?: number;
}

/** A device that a domain drives. Opaque but for what it could do. */
export interface LabDevice {
  readonly domain: LabDomain;
  readonly kind: 'network' | 'disk';
  /** Frames that it reaches if it ignores its driver, by whose they are. */
  reach(): DeviceReach;
}

export interface LabLineOptions {
  readonly transmit: DriverPaths['transmit'];
  readonly receive: DriverPaths['receive'];
  /** Bytes of a packet or a request; what is larger than a page takes several. */
  readonly bytes: number;
  /** Pages that a backend takes up together at most. */
  readonly batch: number;
}

/** What became of some packets. */
export interface LabBurst {
  /** Arrived with the contents that they were sent with. */
  readonly intact: number;
  readonly wrong: number;
  readonly refused: number;
}

/** What a hybrid domain on the way did with pages. */
export interface LabHop {
  readonly domain: LabDomain;
  /** Pages that went on as they were. */
  readonly passed: number;
  /** Pages that it had to copy, since they could not. */
  readonly copied: number;
  /** Why not. */
  readonly refusals: readonly Finding[];
}

/** A split driver from a device to a frontend, perhaps through hybrid domains. */
export interface LabLine {
  /** From the domain with the device to the one at the end. */
  readonly domains: readonly LabDomain[];
  readonly device: LabDevice;
  readonly bytes: number;
  readonly hops: readonly LabHop[];
  /** Packets that went out. */
  readonly sent: number;
  /** Pages on their way out that each domain but the last has mapped, in the order of `domains`. */
  readonly mapped: readonly number[];
  /** Moves packets from the end to the device, or from the device to the end, each with contents of its own that are compared. */
  move(direction: 'out' | 'in', packets: number): LabBurst;
}

/** What goes over the lines. `respond`: a packet in, and one out when it has come. */
export interface LabTrafficOptions {
  readonly lines: readonly LabLine[];
  readonly kind: 'in' | 'out' | 'respond';
  /** Packets or requests in all. */
  readonly packets: number;
  /** So many of each line are always under way; or so many come a second in all, at random. */
  readonly arrivals: { readonly window: number } | { readonly perSecond: number };
  /** Packets that a backend takes up together at most. */
  readonly batch: number;
  /** The device interrupts once so many wait, or after so many microseconds. */
  readonly moderation: { readonly packets: number; readonly microseconds: number };
  /** Disk: requests at once, time of each beside its data, and data a second. */
  readonly disk?: { readonly parallel: number; readonly mebibytesPerSecond: number };
}

/** Events of a kind a packet. */
export type LabTally = 'copies' | 'flips' | 'maps' | 'flushes' | 'interrupts' | 'hypercalls';

/** What came of traffic: all that can be told of a packet is an average over those of the run. */
export interface LabTraffic {
  readonly packets: number;
  readonly perSecond: number;
  readonly medianNs: number;
  readonly p99Ns: number;
  /** Share of the time that each stage was at work, 0 to 1, by name: wires, device, and each domain's processor. */
  readonly utilisation: ReadonlyMap<string, number>;
  /** The stage with the highest. */
  readonly busiest: string;
  /** CPU time a packet, in nanoseconds. */
  readonly cpuNs: number;
  readonly cpuNsByDomain: ReadonlyMap<LabDomain, number>;
  readonly cpuNsByMechanism: Readonly<Partial<Record<LabMechanism, number>>>;
  /** Share of what processors read and wrote for packets that was on their own node, 0 to 1; 1 on a host without nodes. */
  readonly localShare: number;
  readonly tally: Readonly<Record<LabTally, number>>;
  /** The part of each domain. */
  readonly tallyByDomain: ReadonlyMap<LabDomain, Readonly<Record<LabTally, number>>>;
}

/** A domain on the way of pages to a device, or the device at its end. Counts and bytes are a packet. */
export interface LabStation {
  /** Null for the device. */
  readonly domain: LabDomain | null;
  /** Pages of the station before that it mapped. */
  readonly mapped: number;
  /** Bytes that were copied for it of what came. */
  readonly copiedIn: number;
  /** Bytes that it copied since it could not hand pages on as they were. */
  readonly copiedOn: number;
  /** Pages that it handed on as they were. */
  readonly handedOn: number;
  /** The rule by which it could not hand pages on, or not be connected to the next station; null when nothing was refused. */
  readonly refusedBy: string | null;
}

/** How a domain whose driver crashed came back. */
export interface LabRestart {
  /** Packets that had not been answered, and how many of them went through when they were sent again. */
  readonly unanswered: number;
  readonly replayed: number;
  readonly scrubbedFrames: number;
  /** Frames that had to be kept, since no others would do. */
  readonly keptFrames: number;
  /** CPU time of the control domain to take it down, and to build it again. */
  readonly takeDownNs: number;
  readonly buildNs: number;
  /** CPU time of both ends to connect all lines again. */
  readonly connectNs: number;
  /** Frames of others that a device that ignores its driver reached, before and after. */
  readonly reach: readonly [before: number, after: number];
}

/** Devices and split drivers of the lab. What is refused is recorded as a finding, once for each rule. */
export interface LabDrivers {
  assign(domain: LabDomain, options: LabDeviceOptions): LabDevice | null;
  /** Connects a frontend to a domain with a device, or to a domain at the end of a line, which is hybrid from then on. */
  connect(frontend: LabDomain, to: LabDevice | LabLine, options: LabLineOptions): LabLine | null;
  /** The rule by which something was refused last; null when nothing was. */
  readonly refusedBy: string | null;
  /** Lets traffic through queues whose times of service are what the engine charges for moving those packets. Null when refused. */
  traffic(options: LabTrafficOptions): LabTraffic | null;
  /**
   * The driver of a device crashes once it has served so many of the packets that each of its lines has under way; the domain is taken
   * down and built again, its device and its lines with it. Null when that is refused.
   */
  crash(
    device: LabDevice,
    lines: readonly LabLine[],
    options: { readonly under: number; readonly served: number },
  ): LabRestart | null;
  /** Whether the audit of all hosts finds nothing, and every domain of them has what it wrote and no other's packets. */
  check(): readonly string[];
}
