import { SMALL_CONTROL, freeOf } from '../memory-scene.js';
import type { LabDomain, LabHost, Lab, Workload } from '../workload.js';

const READS = 2000;
/** Writes a second of a guest that uses its memory for the first time. */
const RATE = 1e5;

type Given = Readonly<Record<string, number>>;

const WAYS = ['none', 'balloon', 'share', 'page out', 'on demand'] as const;

/** The guest writes the memory that it uses, page after page. */
const useMemory = (lab: Lab, guest: LabDomain): void => {
  const pages = Math.floor(guest.freePages * 0.9);
  const program = guest.start(lab.patterns.sweep({ pages, downwards: false }), { rate: RATE });
  while (program.accesses < pages && !lab.memory.overcommit.stopped(guest)) lab.advance(pages / RATE);
};

/** Builds one more guest and has it give up what it does not use; null when there is no room, or what the way cannot do. */
const addGuest = (
  lab: Lab,
  host: LabHost,
  guests: readonly LabDomain[],
  given: Given,
): LabDomain | 'refused' | null => {
  const { guestMemory, used, alike, way } = given;
  const { overcommit } = lab.memory;
  const name = `guest ${guests.length + 1}`;
  const kind = WAYS[Math.round(way)];
  const frames = Math.ceil((guestMemory * used) / 100);
  const guest =
    kind === 'on demand'
      ? overcommit.buildOnDemand(host, { role: 'guest', name, memory: guestMemory, frames })
      : host.build('guest', name, guestMemory);
  if (guest === null) return null;
  const pages = guest.freePages;
  const unused = Math.floor((pages * (100 - used)) / 100);
  if (kind === 'balloon' || kind === 'on demand') guest.balloonOut(unused);
  if (kind === 'on demand') useMemory(lab, guest);
  if (kind === 'page out') {
    const going = Array.from({ length: unused }, (_, page) => pages - 1 - page);
    if (overcommit.pageOutKernel(guest, going) < unused) return 'refused';
  }
  if (kind === 'share') {
    const [first = guest] = guests;
    for (let page = 0; page < (pages * alike) / 100; page += 1) {
      overcommit.fill(guest, page, page);
      if (first === guest) continue;
      const freed = overcommit.share([first, guest].map((domain) => ({ domain, page })));
      if (freed === 0) return 'refused';
    }
  }
  return guest;
};

export default {
  id: 'oversubscription/until-it-breaks',
  title: 'How many guests fit, and what the last one costs',
  description:
    'Guests that use a part of their memory are built one after the other until the host has no room for the next one. Each gives up what it does not use in the way that is asked for, as soon as it is there.',
  parameters: {
    hostMemory: { title: 'Memory of the host for guests', default: 256, unit: 'MiB', min: 64, max: 16_384 },
    guestMemory: { title: 'Memory of a guest', default: 32, unit: 'MiB', min: 8, max: 1024 },
    used: { title: 'Share of it that a guest uses', default: 50, unit: '%', min: 10, max: 100 },
    alike: { title: 'Share of it that all guests have alike', default: 30, unit: '%', min: 1, max: 90 },
    way: {
      title: 'Way: 0 none, 1 balloon, 2 sharing, 3 paging out, 4 populate on demand',
      default: 1,
      unit: '',
      min: 0,
      max: 4,
    },
    hypothetical: { title: 'Where no real system had it, too (1)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    guests: {
      title: 'Guests that fit',
      unit: 'guests',
      better: 'higher',
      description: 'Built, and with their memory given up, before the first one that was refused.',
    },
    promised: {
      title: 'Memory promised for memory there is',
      unit: '%',
      better: 'higher',
      description: 'Memory of all guests as they see it, as a share of what the host had free for them.',
    },
    lastCost: {
      title: 'Time for the last guest',
      unit: 'ms',
      better: 'lower',
      description:
        'Processor and disk time of all domains from its request until it has given up what it does not use.',
    },
    tables: {
      title: 'Memory that guests do not see',
      unit: '%',
      better: 'lower',
      description: 'Share of what all guests took that the hypervisor keeps for their tables.',
    },
    readTime: {
      title: 'Time of a read',
      unit: 'ns/access',
      better: 'lower',
      description:
        'Processor time of a read of a guest’s kernel over the frames that it has, on average over all guests.',
    },
    freeMemory: {
      title: 'Memory left over',
      unit: 'MiB',
      better: 'lower',
      description: 'What is free when no guest fits any more.',
    },
  },
  series: { cost: { title: 'Time for each guest', unit: 'ms', index: 'guest' } },
  run(lab, parameters) {
    const { hostMemory, guestMemory, hypothetical } = parameters;
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + hostMemory;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], SMALL_CONTROL)) return;
    if (hypothetical >= 0.5) lab.memory.overcommit.allowHypothetical();
    const host = lab.host('host');
    if (host === null) return;
    lab.memory.overcommit.addDisk(host, 8 * hostMemory);
    const available = freeOf(host);
    const guests: LabDomain[] = [];
    const cpu = (): number => guests.reduce((sum, { cpuNs }) => sum + cpuNs, host.control.cpuNs);
    const cost: number[] = [];
    for (;;) {
      const before = cpu();
      const guest = addGuest(lab, host, guests, parameters);
      if (guest === 'refused') return;
      if (guest === null) break;
      guests.push(guest);
      cost.push((cpu() - before) / 1e6);
    }
    if (guests.length === 0) return;
    const taken = available - freeOf(host);
    const overhead = guests.reduce((sum, { overheadBytes }) => sum + overheadBytes, 0) / 2 ** 20;
    lab.measure('guests', guests.length);
    lab.measure('promised', ((guests.length * guestMemory) / available) * 100);
    lab.measure('lastCost', cost[cost.length - 1]);
    lab.measure('tables', (overhead / taken) * 100);
    const reads = guests.map((guest) => lab.memory.layout.readNs(guest, READS));
    lab.measure('readTime', reads.reduce((sum, ns) => sum + ns, 0) / guests.length);
    lab.measure('freeMemory', freeOf(host));
    lab.record('cost', cost);
    lab.memory.check(host);
  },
} satisfies Workload;
