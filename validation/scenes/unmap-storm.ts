import {
  type EventCosts,
  Event,
  type Finding,
  GrantReferences,
  Host,
  Mechanism,
  Simulation,
  X86_64,
  buildDomain,
  connectDriver,
  isFinding,
  simulateQueues,
  throughput,
} from '../../engine/index.js';
import { XEN_4_17_X86_PV } from '../../engine/grants/rules.js';
import { VcpusMmu } from '../../engine/mmu/vcpus-mmu.js';
import { PAGE_BYTES, countsOnlyPlatform, radixScheme } from '../predictions/counts-only-platform.js';

const BACKEND_PAGES = 1024;
const GUEST_PAGES = 128;
const VCPUS = 24;
/** Requests of each guest, after as many that warm up. */
const REQUESTS = 8;

const must = <Result>(result: Result | Finding): Result => {
  if (isFinding(result)) throw new Error(result.detail);
  return result;
};

/** CPU time of the backend for a request of one page that is mapped, copied to or from a ramdisk and unmapped by itself, in nanoseconds. */
const requestNs = (guests: number, costs: EventCosts): number => {
  const platform = countsOnlyPlatform({
    id: 'unmap storm',
    banks: [{ start: 0, size: 4 * (BACKEND_PAGES + guests * GUEST_PAGES) * PAGE_BYTES }],
    scheme: radixScheme(X86_64),
    grants: XEN_4_17_X86_PV,
    costs,
  });
  const host = new Host('host', new Simulation(platform, 'unmap storm'));
  const builder = host.simulation.ledger.account('builder');
  const backend = must(buildDomain(host, { name: 'domain0', model: 'p2m', vcpus: VCPUS, builder }, BACKEND_PAGES));
  const { mmu } = backend;
  if (!(mmu instanceof VcpusMmu)) throw new Error('domain0 has one vCPU');
  const threads = Array.from({ length: guests }, (_, window) => {
    const frontend = must(buildDomain(host, { name: `guest ${window}`, model: 'p2m', builder }, GUEST_PAGES));
    const references = must(GrantReferences.open(frontend));
    const ends = { frontend, references, backend, window };
    const driver = must(connectDriver(ends, { transmit: 'map', receive: 'map', batch: 1 }));
    return { driver, frontend, pfn: frontend.free.take()! };
  });
  const own = backend.free.take()!;
  const round = (): void => {
    for (const [vcpu, { driver, frontend, pfn }] of threads.entries()) {
      // Between two requests of a thread all the others have been at work, as they are at the same time.
      for (const other of threads.keys()) {
        mmu.run(other);
        backend.readKernel(own);
      }
      mmu.run(vcpu);
      frontend.writeKernel(pfn);
      if (driver.send([pfn])[0] !== null) throw new Error('a request failed');
      backend.account.charge(Mechanism.copy, Event.pageCopy);
    }
  };
  for (let count = 0; count < REQUESTS; count += 1) round();
  const before = backend.account.cpuNs;
  for (let count = 0; count < REQUESTS; count += 1) round();
  return (backend.account.cpuNs - before) / REQUESTS / guests;
};

/**
 * Requests a second of guests whose backend has a thread for each, on 24 vCPUs: a thread works on a request, and then waits until all
 * others have answered its flush. The hypervisor sends one flush at a time (Xen `arch/x86/smp.c`, `flush_area_mask` under `flush_lock`).
 */
export const requestsPerSecond = (guests: number, costs: EventCosts): number => {
  const workNs = requestNs(guests, { ...costs, flushInterrupt: 0 });
  const flushNs = requestNs(guests, costs) - workNs;
  const stage = (name: string, ns: number) => ({ name, servers: 1, batch: 1, serve: () => ns });
  const run = simulateQueues({
    stages: [
      ...Array.from({ length: guests }, (_, index) => stage(`thread ${index}`, workNs)),
      stage('flush', flushNs),
    ],
    routes: Array.from({ length: guests }, (_, index) => [index, guests]),
    arrivals: { kind: 'closed', window: 1 },
    jobs: 400 * guests,
  });
  return throughput(run, 100 * guests);
};
