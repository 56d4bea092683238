import {
  type BackendPort,
  type DmaDevice,
  type Domain,
  type Finding,
  type Host,
  Iommu,
  Nic,
  assignDevice,
  countDeviceReach,
  createBouncePool,
  devicePort,
  diskOf,
  isFinding,
} from '../engine/index.js';
import type { LabDevice, LabDeviceOptions, LabGuard } from './driver-types.js';
import type { LabDomain } from './workload.js';

type Role = 'control' | 'driver' | 'guest';

/** IOTLB and walk cache of every IOMMU of the lab; assumed, since makers do not publish them. */
const IOTLB = [
  { sets: 16, ways: 4 },
  { sets: 8, ways: 4 },
];
const WALK_CACHE = [16, 4, 2];

/** What is inside a device of the lab. */
export interface InsideDevice {
  readonly options: LabDeviceOptions;
  readonly dma: DmaDevice;
  /** Pages that its driver still serves before it crashes. */
  readonly fuse: { left: number };
  /** The far side of the backend for pages of which so many bytes are used. */
  port(bytes: number): BackendPort;
}

/** What a platform leaves open and the alternative says, for the device of a domain in this role. */
const usualGuard = (
  { kind }: LabDeviceOptions,
  conditions: Readonly<Record<string, string>>,
  { model }: Domain,
  role: Role,
): LabGuard => {
  const iommu = conditions['iommu'] ?? 'none';
  if (iommu === 'none' || (iommu === 'some' && kind === 'disk')) return 'none';
  return role === 'control' && model.tablesHoldMachineFrames ? 'all RAM' : 'own';
};

/** Gives a domain a device; a finding when the platform, its model or its IOMMU refuse. */
export const makeDevice = (
  { domain, face, role }: { readonly domain: Domain; readonly face: LabDomain; readonly role: Role },
  options: LabDeviceOptions,
  conditions: Readonly<Record<string, string>>,
  iommus: Map<Host, Map<LabGuard, Iommu>>,
): { readonly inside: InsideDevice; readonly device: LabDevice } | Finding => {
  const { host, model } = domain;
  const refuse = (rule: string, detail: string): Finding => ({
    operation: 'assign device',
    model: model.id,
    rule,
    detail,
  });
  if (role === 'control' && conditions['controlDma'] === 'none') {
    return refuse('control-dma', `${domain.name} drives no device: the platform is said to leave all to others`);
  }
  const asked = options.guard ?? 'usual';
  const guard = asked === 'usual' ? usualGuard(options, conditions, domain, role) : asked;
  const hasIommu = host.simulation.platform.scheme.kind === 'radix' && (conditions['iommu'] ?? 'all') !== 'none';
  if (guard !== 'none' && !hasIommu) return refuse('iommu-there', `${host.name} has no IOMMU before its devices`);
  const iommuOf = (): Iommu => {
    const known = iommus.get(host) ?? new Map<LabGuard, Iommu>();
    iommus.set(host, known);
    const kind = guard === 'own, deferred' ? guard : 'own';
    const made =
      known.get(kind) ??
      new Iommu(host, {
        name: 'IOMMU',
        iotlb: IOTLB,
        walkCache: WALK_CACHE,
        invalidation: guard === 'own, deferred' ? 'deferred' : 'strict',
      });
    known.set(kind, made);
    return made;
  };
  if (options.bouncePool !== undefined) {
    const pool = createBouncePool(domain, {
      bytes: options.bouncePool * 2 ** 20,
      addressBits: options.addressBits ?? 64,
    });
    if (isFinding(pool)) return pool;
  }
  const holds = guard === 'own, deferred' ? 'own' : guard;
  const name = options.kind === 'disk' ? 'disk' : 'network card';
  const dma = assignDevice(
    domain,
    { name, addressBits: options.addressBits ?? 64 },
    holds === 'none' || holds === 'usual' ? null : { iommu: iommuOf(), holds },
  );
  if (isFinding(dma)) return dma;
  const fuse = { left: Infinity };
  const knowsTarget = options.kind === 'disk' || options.queueAFrontend === true;
  const inside: InsideDevice = {
    options,
    dma,
    fuse,
    port: (bytes) => {
      const paged = options.kind === 'disk' ? diskOf(dma, bytes) : new Nic(domain, dma, bytes);
      return fused(devicePort(domain, paged, knowsTarget), domain, fuse);
    },
  };
  return { inside, device: { domain: face, kind: options.kind, reach: () => countDeviceReach(dma) } };
};

/** A port whose domain is gone once it has served so many pages. */
const fused = (port: BackendPort, { name, model }: Domain, fuse: { left: number }): BackendPort => {
  const dead: Finding = {
    operation: 'DMA',
    model: model.id,
    rule: 'backend-alive',
    detail: `the driver in ${name} has crashed`,
  };
  const within = <Item, Result>(
    items: readonly Item[],
    serve: (some: readonly Item[]) => Result[],
  ): (Result | Finding)[] => {
    const some = items.slice(0, fuse.left);
    fuse.left -= some.length;
    return [...serve(some), ...items.slice(some.length).map(() => dead)];
  };
  return {
    knowsTarget: port.knowsTarget,
    send: (pfns) => within(pfns, (some) => port.send(some)),
    sendMapped: (slots) => within(slots, (some) => port.sendMapped(some)),
    passOn: (slots) => within(slots, (some) => port.passOn(some)),
    receive: (stamps) => within(stamps, (some) => port.receive(some)),
    receiveMapped: (slots) => within(slots, (some) => port.receiveMapped(some)),
  };
};
