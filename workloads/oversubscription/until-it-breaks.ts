import { SMALL_CONTROL, WHOSE, freeOf, roleOf } from '../memory-scene.js';
import type { LabDomain, LabHost, Lab, Workload } from '../workload.js';

const READS = 2000;
/** Writes a second of a guest that uses its memory for the first time. */
const RATE = 1e5;

type Given = Readonly<Record<string, number>>;

const WAYS = ['none', 'balloon', 'share', 'page out', 'on demand', 'balloon and share'] as const;

/** A guest, the pages that its kernel had free at its start, and how many of them it ballooned out. */
interface Fitted {
  readonly guest: LabDomain;
  readonly pages: number;
  readonly gone: number;
}

/** Pages that a guest has no use for; what it has like others is in use. */
const unusedOf = (pages: number, { used, alike }: Given): number =>
  Math.min(Math.floor((pages * (100 - used)) / 100), pages - Math.ceil((pages * alike) / 100));

const lastPages = (pages: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, page) => pages - 1 - page);

/** The guest writes the memory that it uses, page after page. */
const useMemory = (lab: Lab, guest: LabDomain): void => {
  const pages = Math.floor(guest.freePages * 0.9);
  const program = guest.start(lab.patterns.sweep({ pages, downwards: false }), { rate: RATE });
  while (program.accesses < pages && !lab.memory.overcommit.stopped(guest)) lab.advance(pages / RATE);
};

/** Puts what a guest has like the first one on that one's frames; false where the model does not. */
const shareAlike = (lab: Lab, first: LabDomain, guest: LabDomain, count: number): boolean => {
  const { overcommit } = lab.memory;
  for (let page = 0; page < count; page += 1) {
    overcommit.fill(guest, page, page);
    if (first === guest) continue;
    if (overcommit.share([first, guest].map((domain) => ({ domain, page }))) === 0) return false;
  }
  return true;
};

/** Builds one more guest and has it give up what it does not use; null when there is no room, or what the way cannot do. */
const addGuest = (lab: Lab, host: LabHost, fitted: readonly Fitted[], given: Given): Fitted | 'refused' | null => {
  const { guestMemory, used, alike, way } = given;
  const { overcommit } = lab.memory;
  const name = `guest ${fitted.length + 1}`;
  const role = roleOf(given);
  const kind = WAYS[Math.round(way)];
  const frames = Math.ceil((guestMemory * used) / 100);
  const guest =
    kind === 'on demand'
      ? overcommit.buildOnDemand(host, { role, name, memory: guestMemory, frames })
      : host.build(role, name, guestMemory);
  if (guest === null) return null;
  const pages = guest.freePages;
  const unused = Math.floor((pages * (100 - used)) / 100);
  const first = fitted[0]?.guest ?? guest;
  let gone = 0;
  if (kind === 'balloon' || kind === 'on demand') gone = guest.balloonOut(unused);
  if (kind === 'on demand') useMemory(lab, guest);
  if (kind === 'page out' && overcommit.pageOutKernel(guest, lastPages(pages, unused)) < unused) return 'refused';
  if (kind === 'share' && !shareAlike(lab, first, guest, (pages * alike) / 100)) return 'refused';
  if (kind === 'balloon and share') {
    gone = overcommit.balloonOutKernel(guest, lastPages(pages, unusedOf(pages, given)));
    shareAlike(lab, first, guest, (pages * alike) / 100);
  }
  return { guest, pages, gone };
};

/** A guest needs all of its memory for a moment, and then gives it up again; the share of that which it got. */
const peakOf = (lab: Lab, { guest, pages, gone }: Fitted, given: Given): number => {
  const kind = WAYS[Math.round(given['way'])];
  if (gone === 0 || kind === 'on demand') return 1;
  const came = guest.balloonIn();
  if (kind === 'balloon') guest.balloonOut(came);
  else lab.memory.overcommit.balloonOutKernel(guest, lastPages(pages, unusedOf(pages, given)));
  return came / gone;
};

export default {
  id: 'oversubscription/until-it-breaks',
  title: 'How many guests fit, and what the last one costs',
  description:
    'Guests that use a part of their memory are built one after the other until the host has no room for the next one. Each gives up what it does not use in the way that is asked for, as soon as it is there. The one before it then needs all of its memory for a moment, for which there is room: where it does not get it, no more guests fit.',
  parameters: {
    role: WHOSE,
    hostMemory: { title: 'Memory of the host for guests', default: 256, unit: 'MiB', min: 64, max: 16_384 },
    guestMemory: { title: 'Memory of a guest', default: 32, unit: 'MiB', min: 8, max: 1024 },
    used: { title: 'Share of it that a guest uses', default: 50, unit: '%', min: 10, max: 100 },
    alike: { title: 'Share of it that all guests have alike', default: 30, unit: '%', min: 1, max: 90 },
    way: {
      title:
        'Way: 0 none, 1 balloon, 2 sharing, 3 paging out, 4 populate on demand, 5 balloon and, where there is, sharing',
      default: 5,
      unit: '',
      min: 0,
      max: 5,
    },
    peaks: { title: 'Guests need all of their memory for a moment (1)', default: 1, unit: '', min: 0, max: 1 },
    hypothetical: { title: 'Where no real system had it, too (1)', default: 0, unit: '', min: 0, max: 1 },
  },
  metrics: {
    guests: {
      title: 'Guests that fit',
      unit: 'guests',
      better: 'higher',
      description:
        'Built, and with their memory given up, before the first one that was refused or cost another its peak.',
    },
    promised: {
      title: 'Memory promised for memory there is',
      unit: '%',
      better: 'higher',
      description: 'Memory of all guests as they see it, as a share of what the host had free for them.',
    },
    atPeak: {
      title: 'Memory that a guest gets back at its peak',
      unit: '%',
      better: 'higher',
      description: 'Of what it had given up, at the last peak; less than all where that is why no more guests fit.',
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
    const { hostMemory, guestMemory, hypothetical, peaks } = parameters;
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + hostMemory;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 64) * 64 }], SMALL_CONTROL)) return;
    if (hypothetical >= 0.5) lab.memory.overcommit.allowHypothetical();
    const host = lab.host('host');
    if (host === null) return;
    lab.memory.overcommit.addDisk(host, 8 * hostMemory);
    const available = freeOf(host);
    const fitted: Fitted[] = [];
    const cpu = (): number => fitted.reduce((sum, { guest }) => sum + guest.cpuNs, host.control.cpuNs);
    const cost: number[] = [];
    let atPeak = 1;
    for (;;) {
      const before = cpu();
      const next = addGuest(lab, host, fitted, parameters);
      if (next === 'refused') return;
      if (next === null) break;
      fitted.push(next);
      cost.push((cpu() - before) / 1e6);
      const earlier = fitted[fitted.length - 2];
      if (earlier === undefined || peaks < 0.5) continue;
      atPeak = peakOf(lab, earlier, parameters);
      if (atPeak < 1) break;
    }
    if (fitted.length === 0) return;
    const guests = fitted.map(({ guest }) => guest);
    const fit = atPeak < 1 ? guests.length - 1 : guests.length;
    const taken = available - freeOf(host);
    const overhead = guests.reduce((sum, { overheadBytes }) => sum + overheadBytes, 0) / 2 ** 20;
    lab.measure('guests', fit);
    lab.measure('promised', ((fit * guestMemory) / available) * 100);
    lab.measure('atPeak', atPeak * 100);
    lab.measure('lastCost', cost[fit - 1]);
    lab.measure('tables', (overhead / taken) * 100);
    const reads = guests.map((guest) => lab.memory.layout.readNs(guest, READS));
    lab.measure('readTime', reads.reduce((sum, ns) => sum + ns, 0) / guests.length);
    lab.measure('freeMemory', freeOf(host));
    lab.record('cost', cost.slice(0, fit));
    lab.memory.check(host);
  },
} satisfies Workload;
