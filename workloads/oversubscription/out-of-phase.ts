import { POOLS, SMALL_CONTROL, WHOSE, freeOf, pagesIn, roleOf } from '../memory-scene.js';
import type { LabDomain, Workload } from '../workload.js';

export default {
  id: 'oversubscription/out-of-phase',
  title: 'Guests whose demands for memory are out of phase',
  description:
    'Each guest needs more memory and then less, over and over, a share of a round after the one before it. At each step those that need less balloon out, then the others balloon in. All together never need more than the host has, so what a guest does not get is the model’s doing.',
  parameters: {
    role: WHOSE,
    guests: { title: 'Domains', default: 6, unit: '', min: 2, max: 32 },
    guestMemory: { title: 'Memory of a guest at its peak', default: 32, unit: 'MiB', min: 8, max: 1024 },
    trough: { title: 'Share that it needs at least', default: 25, unit: '%', min: 10, max: 100 },
    rounds: { title: 'Rounds', default: 2, unit: '', min: 1, max: 100 },
    steps: { title: 'Steps of a round', default: 8, unit: '', min: 2, max: 64 },
  },
  metrics: {
    promised: {
      title: 'Memory promised for memory there is',
      unit: '%',
      better: 'higher',
      description: 'Peaks of all guests together, as a share of the memory that the host has for them.',
    },
    unmet: {
      title: 'Demand that was not met',
      unit: '%',
      better: 'lower',
      description: 'Memory that guests needed and did not get, as a share of what they needed, over all steps.',
    },
    moved: {
      title: 'Memory that changed hands',
      unit: 'MiB',
      better: 'lower',
      description: 'What was ballooned out and in by all guests.',
    },
    time: {
      title: 'Processor time of a page',
      unit: 'us/page',
      better: 'lower',
      description: 'What all guests spent on it, for each page that went out or came in.',
    },
  },
  series: { short: { title: 'Memory short', unit: 'MiB', index: 'step' } },
  run(lab, parameters) {
    const { guests, guestMemory, trough, rounds, steps } = parameters;
    const count = Math.round(guests);
    const low = trough / 100;
    const demandOf = (guest: number, step: number): number => {
      const phase = step / Math.round(steps) + guest / count;
      return guestMemory * (low + (1 - low) * 0.5 * (1 + Math.cos(2 * Math.PI * phase)));
    };
    const most = Array.from({ length: Math.round(steps) }, (_, step) =>
      Array.from({ length: count }, (__, guest) => demandOf(guest, step)).reduce((sum, each) => sum + each, 0),
    ).reduce((sum, each) => Math.max(sum, each), 0);
    const size = lab.memory.hypervisorSize + SMALL_CONTROL + most + guestMemory + (count * POOLS) / 2;
    if (!lab.memory.lay([{ start: 0, size: Math.ceil(size / 16) * 16 }], SMALL_CONTROL)) return;
    const host = lab.host('host');
    if (host === null) return;
    const available = freeOf(host);
    const pagesAt = (guest: number, step: number): number => pagesIn(lab, demandOf(guest, step));
    const domains: LabDomain[] = [];
    for (let guest = 0; guest < count; guest += 1) {
      const domain = host.build(roleOf(parameters), `guest ${guest + 1}`, guestMemory);
      if (domain === null) return;
      domain.balloonOut(domain.pages - pagesAt(guest, 0));
      domains.push(domain);
    }
    const cpu = (): number => domains.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
    const before = cpu();
    let [moved, needed, unmet] = [0, 0, 0];
    const short: number[] = [];
    for (let step = 1; step <= Math.round(rounds) * Math.round(steps); step += 1) {
      const wanted = domains.map((_, guest) => pagesAt(guest, step));
      for (const [guest, domain] of domains.entries())
        if (domain.pages > wanted[guest]) moved += domain.balloonOut(domain.pages - wanted[guest]);
      for (const [guest, domain] of domains.entries())
        if (domain.pages < wanted[guest]) moved += domain.balloonIn(wanted[guest] - domain.pages);
      const missing = domains.reduce((sum, { pages }, guest) => sum + Math.max(0, wanted[guest] - pages), 0);
      needed += wanted.reduce((sum, pages) => sum + pages, 0);
      unmet += missing;
      short.push((missing * lab.pageBytes) / 2 ** 20);
      lab.memory.check(host);
    }
    lab.measure('promised', ((count * guestMemory) / available) * 100);
    lab.measure('unmet', (unmet / needed) * 100);
    lab.measure('moved', (moved * lab.pageBytes) / 2 ** 20);
    lab.measure('time', moved === 0 ? 0 : (cpu() - before) / 1e3 / moved);
    lab.record('short', short);
  },
} satisfies Workload;
