import { type DeviceGuard, assignDevice } from '../../engine/devices/assign-device.js';
import {
  type DmaDevice,
  type Domain,
  type EventCosts,
  type Finding,
  diskOf,
  Event,
  GrantReferences,
  Host,
  Iommu,
  Mechanism,
  Nic,
  type Pfn,
  Simulation,
  X86_64,
  buildDomain,
  connectDriver,
  devicePort,
  isFinding,
} from '../../engine/index.js';
import { type DriverPaths } from '../../engine/index.js';
import { XEN_4_17_X86_PV } from '../../engine/grants/rules.js';
import { PAGE_BYTES, countsOnlyPlatform, radixScheme } from '../predictions/counts-only-platform.js';

const DOMAIN_PAGES = 2048;
/** Packets of a measurement, after as many that warm up what stays mapped. */
const PACKETS = 512;

const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

export interface PacketScene {
  readonly costs: EventCosts;
  readonly transmit: DriverPaths['transmit'];
  readonly receive: DriverPaths['receive'];
  readonly bytes: number;
  /** Bytes that a stack passes on at once. */
  readonly segmentBytes: number;
  readonly batch: number;
  readonly queueAFrontend?: boolean;
}

/** CPU time a packet, in nanoseconds. */
export interface PacketCost {
  readonly backendNs: number;
  readonly frontendNs: number;
}

const hostOf = (costs: EventCosts, segmentBytes: number): Host => {
  const platform = countsOnlyPlatform({
    id: 'packets',
    banks: [{ start: 0, size: 4 * DOMAIN_PAGES * PAGE_BYTES }],
    scheme: radixScheme(X86_64),
    grants: XEN_4_17_X86_PV,
    segmentBytes,
    costs,
  });
  return new Host('host', new Simulation(platform, 'packets'));
};

const build = (host: Host, name: string): Domain =>
  must(buildDomain(host, { name, model: 'p2m', builder: host.simulation.ledger.account('builder') }, DOMAIN_PAGES));

/**
 * Moves packets between a P2M guest and a P2M driver domain; both stacks take each segment once, and the guest's copies the data from or
 * to its application. Data-touching operations a byte and protocol processing a packet are the two costs of a stack (Menon and
 * Zwaenepoel 2008, abstract).
 */
export const packetCost = (scene: PacketScene, direction: 'in' | 'out'): PacketCost => {
  const host = hostOf(scene.costs, scene.segmentBytes);
  const [frontend, backend] = [build(host, 'frontend'), build(host, 'backend')];
  const references = must(GrantReferences.open(frontend));
  const bytes = Math.min(scene.bytes, PAGE_BYTES);
  const pages = Math.ceil(scene.bytes / PAGE_BYTES);
  // What the stacks take is charged by packet below, not by page.
  const device = must(assignDevice(backend, { name: 'NIC', addressBits: 64 }));
  const driver = must(
    connectDriver(
      { frontend, references, backend, window: 0 },
      {
        ...scene,
        bytes,
        port: devicePort(backend, diskOf(device, bytes), scene.queueAFrontend ?? false),
      },
    ),
  );
  const segments = Math.ceil(scene.bytes / scene.segmentBytes);
  const buffers: Pfn[] = Array.from({ length: scene.batch * pages }, () => frontend.free.take()!);
  const burst = (): void => {
    if (direction === 'out') {
      if (driver.send(buffers).some((fault) => fault !== null)) throw new Error('a packet was lost');
    } else {
      backend.account.charge(Mechanism.rings, Event.upcall);
      const came = driver.receive(buffers.map(() => host.simulation.nextStamp()));
      for (const pfn of came) frontend.free.giveBack(must(pfn) as Pfn);
    }
    backend.account.charge(Mechanism.network, Event.segmentSend, scene.batch * segments);
    frontend.account.charge(Mechanism.network, Event.segmentSend, scene.batch * segments);
    // The stack copies the data of an application once, whatever a packet's size.
    frontend.account.charge(Mechanism.copy, Event.pageCopy, (scene.batch * scene.bytes) / PAGE_BYTES);
  };
  const bursts = PACKETS / scene.batch;
  for (let count = 0; count < bursts; count += 1) burst();
  const before = [backend.account.cpuNs, frontend.account.cpuNs];
  for (let count = 0; count < bursts; count += 1) burst();
  return {
    backendNs: (backend.account.cpuNs - before[0]) / PACKETS,
    frontendNs: (frontend.account.cpuNs - before[1]) / PACKETS,
  };
};

/** CPU time a packet of a driver that maps each one through an IOMMU, or without one, in nanoseconds. */
export const mappedPacketNs = (costs: EventCosts, invalidation: 'strict' | 'deferred' | 'no IOMMU'): number => {
  const host = hostOf(costs, 1448);
  const domain = build(host, 'driver');
  const guard = (): DeviceGuard | null => {
    if (invalidation === 'no IOMMU') return null;
    const iommu = new Iommu(host, { name: 'IOMMU', iotlb: [{ sets: 16, ways: 4 }], walkCache: null, invalidation });
    return { iommu, holds: 'buffers' };
  };
  const device: DmaDevice = must(assignDevice(domain, { name: 'NIC', addressBits: 64 }, guard()));
  const nic = new Nic(domain, device, 1448);
  const pfn = domain.free.take()!;
  const send = (): void => {
    for (let count = 0; count < PACKETS; count += 1) must(nic.transmit(pfn));
  };
  send();
  const before = domain.account.cpuNs;
  send();
  return (domain.account.cpuNs - before) / PACKETS;
};
