import {
  type AffinitySpec,
  ContentionModel,
  type Domain,
  Host,
  type NumaPlatform,
  type Platform,
  Simulation,
  X86_64,
  buildDomain,
  distancesByHops,
  isFinding,
  ladderLinks,
  nodeOf,
  placeProgram,
  placeVcpus,
  sharesByNode,
  visibleNodes,
} from '../../engine/index.js';
import type { CaseBook } from '../case.js';
import { PAGES_A_MEBIBYTE, PAGE_BYTES, countsOnlyPlatform, radixScheme } from './counts-only-platform.js';
import type { Outcome, Prediction } from './prediction.js';

const GIB = 2 ** 30;

/** NUMA-01 to NUMA-04 as they stand; bandwidths of NUMA-00; lines under way as `platforms/opteron-2006.yaml` has them. */
const timingOf = (book: CaseBook): NumaPlatform['timing'] => {
  const times = (row: string): number[] => {
    const [none, one, also, two] = [1, 2, 3, 4].map((place) => book.calibration(`${row}/${place}`));
    return [none, (one + also) / 2, two];
  };
  return {
    lineBytes: 64,
    memoryBytesPerSecond: (6.4e9 * book.calibration('NUMA-04')) / 100,
    linkBytesPerSecond: 4e9,
    linesInFlight: 4,
    read: { localBytesPerSecond: book.calibration('NUMA-03/1') * 1e9, timesByHops: times('NUMA-01') },
    write: { localBytesPerSecond: book.calibration('NUMA-03/2') * 1e9, timesByHops: times('NUMA-02') },
  };
};

const hostWith = (book: CaseBook, nodes: number, own: Partial<Platform>, byHops: readonly number[]): Host => {
  const links = ladderLinks(nodes);
  const platform = countsOnlyPlatform({
    id: 'nodes',
    banks: Array.from({ length: nodes }, (_, node) => ({ start: node * GIB, size: GIB, node })),
    numa: {
      topology: { links, distances: distancesByHops(links, nodes, byHops) },
      distancesByHops: byHops,
      timing: timingOf(book),
    },
    ...own,
  });
  return new Host('host', new Simulation(platform, 'nodes'));
};

const built = (host: Host, name: string, mebibytes: number, affinity: AffinitySpec, ramdiskPages = 0): Domain => {
  const builder = host.simulation.ledger.account('builder');
  const spec = { name, model: 'p2m', builder, affinity, ramdiskPages } as const;
  const domain = buildDomain(host, spec, mebibytes * PAGES_A_MEBIBYTE);
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

/**
 * The ramdisk of the Arm machine that was measured, from 0x4c000000 to 0x4cb42c00 (the head of `xen-arm-counts.yaml`). That of the x86 machine, of
 * the same Linux, is not recorded.
 */
const RAMDISK_PAGES = Math.ceil((0x4cb42c00 - 0x4c000000) / PAGE_BYTES);

/** Two nodes of 1 GiB, and a P2M domain0 of 768 MiB that is asked for on node 0. */
const realHost = (book: CaseBook): Map<string, Outcome> => {
  const table = { covers: 'chunks', chunkBytes: 2 * 2 ** 20 } as const;
  const host = hostWith(
    book,
    2,
    {
      scheme: radixScheme(X86_64),
      frameTable: { bytesAFrame: 32, ...table },
      machineToPhysical: { bytesAFrame: 8, ...table },
    },
    [10, 20],
  );
  const domain0 = built(host, 'domain0', 768, { nodes: [0], spread: 'allocations' }, RAMDISK_PAGES);
  const pages = [0, 0];
  for (const pfn of domain0.model.ownedFrames()) pages[nodeOf(host, domain0.model.machineFrame(pfn))] += 1;
  const note = `The ramdisk, which Xen moves to the top of memory and gives to a P2M domain0 where it lies, is given as the ${RAMDISK_PAGES} pages of that of the Arm machine: how large this one was is not recorded`;
  return new Map<string, Outcome>([
    ['xen/numa/node 0 pages', { actual: pages[0], note }],
    ['xen/numa/node 1 pages', { actual: pages[1], note }],
    ['xen/numa/distances/1', { actual: null, note: 'given to the engine: what the firmware says' }],
    ['xen/numa/distances/2', { actual: null, note: 'given to the engine: what the firmware says' }],
    [
      'xen/numa/what the P2M domain0 sees',
      { actual: visibleNodes(domain0).how === 'not at all' ? 'one node' : 'two nodes' },
    ],
  ]);
};

const NODES = 8;
const PROCESSORS_A_NODE = 4;
/** Of a guest of NUMA-11, which is of the same source. */
const VCPUS = 2;
const GUESTS = [1, 7, 15];
const READ_PAGES = 2 * PAGES_A_MEBIBYTE;
const GUEST_MIB = 4;

/** Nodes that guests take their memory from: their own, or that of the processor that a Xen without nodes in mind put their first on. */
const memoryNodes = (guests: number, place: 'blind' | 'aware'): number[] => {
  const counts = new Uint32Array(NODES * PROCESSORS_A_NODE).fill(1);
  return Array.from({ length: guests }, (_, index) =>
    place === 'aware' ? index % NODES : Math.floor(placeVcpus(counts, VCPUS) / PROCESSORS_A_NODE),
  );
};

/**
 * What a guest reads a nanosecond on average, when so many read through memory of their own. They run on one node after the other: near their memory,
 * or from any node on, since a scheduler that is blind moves them.
 */
const readRate = (book: CaseBook, guests: number, place: 'blind' | 'aware'): number => {
  const host = hostWith(book, NODES, {}, [10, 16, 22]);
  const { topology, timing } = host.simulation.platform.numa!;
  const shares = memoryNodes(guests, place).map((node, index) => {
    const guest = built(host, `guest ${index}`, GUEST_MIB, { nodes: [node], spread: 'allocations' });
    const thread = { node, first: 0, pages: READ_PAGES };
    placeProgram(guest, [thread], 'first touch');
    return sharesByNode(guest, thread);
  });
  const contention = new ContentionModel(topology, timing);
  const from = place === 'aware' ? [0] : Array.from({ length: NODES }, (_, node) => node);
  const rates = from.flatMap((first) => {
    const threads = shares.map((reads, index) => ({
      node: (first + index) % NODES,
      reads,
      writes: reads.map(() => 0),
    }));
    return contention.solve(threads).nsAnAccess.map((ns) => 1 / ns);
  });
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
};

/** The order of two placements of readers, on a host of eight nodes made of Opterons of 2006. */
const placements = (book: CaseBook): Map<string, Outcome> => {
  const outcomes = new Map<string, Outcome>();
  GUESTS.forEach((guests, index) => {
    const ratio = readRate(book, guests, 'blind') / readRate(book, guests, 'aware');
    const note = `${guests} ${guests === 1 ? 'guest' : 'guests'} of one reader each on eight nodes of Opterons of 2006, blind with the memory of where its first processor was; that host and how many read at once in a guest are not published`;
    outcomes.set(`published/NUMA-08/ratio/${index + 1}`, { actual: Math.round(ratio * 1000) / 1000, note });
    outcomes.set(`published/NUMA-08/faster/${index + 1}`, { actual: ratio < 1 ? 'aware' : 'blind', note });
    const compile = `${note}. What share of a compile waits for memory is not published, so the order is all that is stated`;
    outcomes.set(`published/NUMA-11/faster/${index + 1}`, { actual: ratio < 1 ? 'aware' : 'blind', note: compile });
  });
  return outcomes;
};

export const numa: Prediction = {
  id: 'numa',
  title:
    'A host of two nodes boots and builds a domain0 on one of them; guests that read are put on eight nodes, near their memory or blind to it.',
  covers: ['xen/numa', 'published/NUMA-08', 'published/NUMA-11'],
  run: (book) => new Map([...realHost(book), ...placements(book)]),
};
