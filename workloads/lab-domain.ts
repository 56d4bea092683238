import {
  type Domain,
  Event,
  type Finding,
  type Host,
  type LinuxKernel,
  Mechanism,
  Nic,
  type Pfn,
  Program,
  assignDevice,
  cpuUseOf,
  isFinding,
} from '../engine/index.js';
import { labMemory } from './lab-memory.js';
import { startProcesses } from './lab-processes.js';
import type { LabDomain, LabUse } from './workload.js';

/** What is behind a domain of a lab. */
export interface Inside {
  /** Another one after it moved. */
  domain: Domain;
  readonly role: 'control' | 'driver' | 'guest';
  program: Program | null;
  /** The kernel of its processes, where it has some. */
  processes: LinuxKernel | null;
  readonly host: Host;
  readonly pages: readonly Pfn[];
}

interface Surroundings {
  readonly domainOf: (face: LabDomain) => Domain;
  readonly refused: (finding: Finding) => void;
}

export const labUse = (account: Domain['account']): LabUse => ({
  ...cpuUseOf(account),
  translationNs: account.nsByMechanism().translation ?? 0,
});

/** A domain as a workload sees it, and what is behind it. */
export const labDomain = (
  domain: Domain,
  role: Inside['role'],
  { domainOf, refused }: Surroundings,
): { readonly face: LabDomain; readonly inside: Inside } => {
  const { account, host } = domain;
  const { simulation } = host;
  const inside: Inside = { domain, role, program: null, processes: null, host, pages: domain.free.copy() };
  const requireIdle = (): void => {
    if (inside.program !== null) throw new Error(`${domain.name} runs a program already`);
    if (inside.processes !== null) throw new Error(`${domain.name} runs processes already`);
  };
  const face: LabDomain = {
    name: domain.name,
    get cpuNs() {
      return account.cpuNs;
    },
    cpuNsBy: () => account.nsByMechanism(),
    use: () => labUse(account),
    get overheadBytes() {
      const { domain, processes } = inside;
      const { tablePfns, p2mPfns, descriptors } = domain;
      const own = tablePfns.length + (processes?.tablePages ?? 0) + p2mPfns.length + (descriptors?.frames.length ?? 0);
      return (own + domain.host.hypervisor.pagesFor(domain.id)) * simulation.platform.pageBytes;
    },
    get pages() {
      return inside.domain.model.ownedFrames().length;
    },
    get freePages() {
      return inside.domain.free.count;
    },
    processes({ largePages = false } = {}) {
      requireIdle();
      const { kernel, processes } = startProcesses(inside.domain, largePages);
      inside.processes = kernel;
      return processes;
    },
    start(pattern, { rate }) {
      requireIdle();
      const { domain } = inside;
      const stream = simulation.stream(`frames of the program in ${domain.name}`);
      for (let vpn = 0; vpn < pattern.pages; vpn += 1) {
        const pfn = domain.free.takeScattered(stream);
        if (pfn === null)
          throw new Error(`the program of ${domain.name} needs ${pattern.pages} pages; memory ran out at ${vpn}`);
        domain.mapPage(vpn, pfn, true);
      }
      const program = new Program(domain, pattern, 1e9 / rate);
      inside.program = program;
      simulation.clock.start(program);
      return program;
    },
    ...labMemory(simulation, () => inside.domain, refused),
    touchKernel(page, write) {
      account.charge(Mechanism.work, Event.access);
      if (write) inside.domain.writeKernel(inside.pages[page]);
      else inside.domain.readKernel(inside.pages[page]);
    },
    sendByDma(page) {
      new Nic(inside.domain).transmit(inside.pages[page]);
    },
    assignDevice() {
      const device = assignDevice(inside.domain, { name: 'network card', addressBits: 64 });
      if (!isFinding(device)) return true;
      refused(device);
      return false;
    },
    reach(other) {
      const victim = domainOf(other);
      const frames = victim.model.ownedFrames().map((pfn) => victim.model.machineFrame(pfn));
      const reached = frames.filter((mfn) => {
        const insert = inside.domain.model.checkInsert(mfn, 0);
        return !isFinding(insert) && insert.mfn === mfn;
      });
      return { tried: frames.length, reached: reached.length };
    },
  };
  return { face, inside };
};
