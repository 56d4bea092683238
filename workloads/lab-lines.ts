import {
  type BackendPort,
  type Domain,
  Event,
  type Finding,
  GrantReferences,
  Mechanism,
  type Pfn,
  type SplitDriver,
  connectDriver,
  hybridPort,
  isFinding,
} from '../engine/index.js';
import type { LabBurst, LabDevice, LabHop, LabLine, LabLineOptions } from './driver-types.js';
import type { InsideDevice } from './lab-devices.js';
import type { LabDomain } from './workload.js';

/** A line from the inside: it can be closed and connected again. */
export interface InsideLine {
  readonly face: LabLine;
  readonly options: LabLineOptions;
  readonly device: InsideDevice;
  /** The far side of the frontend's own backend, if it gets one. */
  onwardPort(): BackendPort;
  close(gone: boolean): void;
  reconnect(device: InsideDevice): Finding | null;
}

export interface LineParts {
  readonly frontend: LabDomain;
  readonly device: InsideDevice;
  readonly deviceFace: LabDevice;
  /** The line that the backend is at the end of, where it is hybrid. */
  readonly upstream: InsideLine | null;
  readonly domainOf: (face: LabDomain) => Domain;
  readonly refused: (finding: Finding) => void;
  /** A window of its own in the backend's address space. */
  readonly window: number;
  readonly references: Map<Domain, GrantReferences>;
}

/** References of a frontend: of version 2 where the hypervisor has it, so that grants can be passed on. */
const referencesOf = (known: Map<Domain, GrantReferences>, domain: Domain): GrantReferences | Finding => {
  const { grants } = domain.host.simulation.platform;
  const references = known.get(domain) ?? GrantReferences.open(domain, grants?.version ?? 1);
  if (!isFinding(references)) known.set(domain, references);
  return references;
};

/** Connects a line. Each packet has pages of its own contents, which are compared where they arrive. */
export const makeLine = (parts: LineParts, options: LabLineOptions): InsideLine | Finding => {
  const { frontend, upstream, domainOf, refused, deviceFace } = parts;
  const backendFace = upstream === null ? deviceFace.domain : upstream.face.domains[upstream.face.domains.length - 1];
  const { platform } = domainOf(frontend).host.simulation;
  const pages = Math.max(1, Math.ceil(options.bytes / platform.pageBytes));
  const bytes = Math.min(options.bytes, platform.pageBytes);
  const segments = Math.ceil(options.bytes / platform.segmentBytes);
  const ports: (LabHop & { readonly port: ReturnType<typeof hybridPort> })[] = [];
  let buffers: Pfn[] = [];
  let driver: SplitDriver | null = null;
  let [sent, mapped] = [0, 0];

  const counted = (port: BackendPort): BackendPort => ({
    ...port,
    sendMapped(slots) {
      mapped += slots.length;
      return port.sendMapped(slots);
    },
  });

  const connect = (device: InsideDevice): Finding | null => {
    const end = domainOf(frontend);
    const references = referencesOf(parts.references, end);
    if (isFinding(references)) return references;
    const made = connectDriver(
      { frontend: end, references, backend: domainOf(backendFace), window: parts.window },
      {
        transmit: options.transmit,
        receive: options.receive,
        batch: options.batch,
        bytes,
        headers: device.options.kind === 'network',
        port: counted(upstream === null ? device.port(bytes) : upstream.onwardPort()),
      },
    );
    if (isFinding(made)) return made;
    driver = made;
    return null;
  };

  const refusal = connect(parts.device);
  if (refusal !== null) return refusal;
  const domains = [...(upstream?.face.domains ?? [deviceFace.domain]), frontend];

  /** Each domain but the one with the device, which is charged for it there, passes packets through its own stack. */
  const throughStacks = (packets: number): void => {
    if (deviceFace.kind !== 'network') return;
    for (const face of domains.slice(1)) {
      domainOf(face).account.charge(Mechanism.network, Event.segmentSend, packets * segments);
    }
  };

  const countPages = (results: readonly (number | Finding | 'wrong contents' | null)[]): LabBurst => {
    let [intact, wrong, failed] = [0, 0, 0];
    for (let first = 0; first < results.length; first += pages) {
      const own = results.slice(first, first + pages);
      const finding = own.find((each) => isFinding(each));
      if (finding !== undefined) {
        refused(finding);
        failed += 1;
      } else if (own.includes('wrong contents')) wrong += 1;
      else intact += 1;
    }
    return { intact, wrong, refused: failed };
  };

  const out = (packets: number): LabBurst => {
    const domain = domainOf(frontend);
    while (buffers.length < packets * pages) {
      const pfn = domain.free.take();
      if (pfn === null) throw new Error(`${frontend.name} has too little memory for ${packets} packets under way`);
      buffers.push(pfn);
    }
    const used = buffers.slice(0, packets * pages);
    for (const pfn of used) domain.writeKernel(pfn);
    throughStacks(packets);
    sent += packets;
    return countPages(driver!.send(used));
  };

  const inward = (packets: number): LabBurst => {
    const domain = domainOf(frontend);
    const stamps = Array.from({ length: packets * pages }, () => domain.host.simulation.nextStamp());
    const came = driver!.receive(stamps);
    throughStacks(packets);
    for (const pfn of came) if (typeof pfn === 'number') domain.free.giveBack(pfn);
    return countPages(came);
  };

  const face: LabLine = {
    domains,
    device: deviceFace,
    bytes: options.bytes,
    get hops() {
      const own = ports.map(({ domain, port: { record } }) => ({
        domain,
        passed: record.passed,
        copied: record.copied,
        refusals: [...record.refusals.values()],
      }));
      return [...(upstream?.face.hops ?? []), ...own];
    },
    get sent() {
      return sent;
    },
    get mapped() {
      return [...(upstream?.face.mapped ?? []), mapped];
    },
    move: (direction, packets) => (direction === 'out' ? out(packets) : inward(packets)),
  };

  return {
    face,
    options,
    device: parts.device,
    onwardPort() {
      const port = hybridPort(domainOf(frontend), driver!, bytes);
      ports.push({ domain: frontend, passed: 0, copied: 0, refusals: [], port });
      return port;
    },
    close(gone) {
      const domain = domainOf(frontend);
      driver?.close(gone);
      driver = null;
      for (const pfn of buffers) domain.free.giveBack(pfn);
      buffers = [];
    },
    reconnect: connect,
  };
};
