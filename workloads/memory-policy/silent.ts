import type { Workload } from '../workload.js';
import { POLICY_PARAMETERS, REQUEST_PARAMETERS, rulesOf } from './policy-parameters.js';

export default {
  id: 'memory-policy/silent',
  title: 'Domain0 stops answering half-way',
  description:
    'Guests take turns at giving pages back and asking for as many again. Half-way domain0 hangs. Guests go on with what they have; who gets more memory depends on who owns it.',
  parameters: {
    ...POLICY_PARAMETERS,
    ...REQUEST_PARAMETERS,
    requests: { title: 'Requests', default: 100, unit: '', min: 2, max: 1e5 },
  },
  metrics: {
    answered: {
      title: 'Requests answered after domain0 hangs',
      unit: '%',
      better: 'higher',
      description: 'Share of the requests of the second half whose pages all came.',
    },
    lost: {
      title: 'Memory that guests gave back and did not get again',
      unit: 'MiB',
      better: 'lower',
      description: 'Of all guests, at the end.',
    },
    stranded: {
      title: 'Memory that nobody can be given any more',
      unit: 'MiB',
      better: 'lower',
      description: 'What could be handed out before domain0 hung and cannot be afterwards.',
    },
    harmed: {
      title: 'Faults that the audit or a guest finds',
      unit: '',
      better: 'lower',
      description:
        'At the end all tables are walked, and every page of every guest is compared with a log of its own writes.',
    },
  },
  run(lab, parameters) {
    const { guests: count, guestMemory, pages, requests } = parameters;
    const policy = lab.policy(rulesOf(parameters));
    const host = policy?.host('source');
    if (!policy || !host) return;
    const built = Array.from({ length: Math.round(count) }, (_, index) =>
      host.build('guest', `guest ${index}`, guestMemory),
    );
    const guests = built.filter((guest) => guest !== null);
    if (guests.length < built.length) return;
    const had = guests.reduce((sum, guest) => sum + guest.pages, 0);
    const half = Math.floor(requests / 2);
    const ask = (request: number): number => policy.turnOver(guests[request % guests.length], pages);
    for (let request = 0; request < half; request += 1) ask(request);
    const spare = policy.spare(host);
    policy.silence(host);
    let answered = 0;
    for (let request = half; request < requests; request += 1) if (ask(request) >= pages) answered += 1;
    const have = guests.reduce((sum, guest) => sum + guest.pages, 0);
    lab.measure('answered', (answered / (requests - half)) * 100);
    lab.measure('lost', ((had - have) * lab.pageBytes) / 2 ** 20);
    lab.measure('stranded', Math.max(0, spare - policy.spare(host)));
    lab.measure('harmed', lab.drivers.check().length);
  },
} satisfies Workload;
