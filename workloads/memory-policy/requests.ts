import type { Workload } from '../workload.js';
import { POLICY_PARAMETERS, REQUEST_PARAMETERS, rulesOf } from './policy-parameters.js';

export default {
  id: 'memory-policy/requests',
  title: 'Guests ask for memory, and domain0 is busy',
  description:
    'Guests give pages back and ask for as many again, at random. Where the hypervisor owns memory it answers by itself. Where domain0 does, each request crosses to it and waits behind other work of its one processor, which comes in pieces, one for each request that a guest makes.',
  parameters: {
    ...POLICY_PARAMETERS,
    ...REQUEST_PARAMETERS,
    requests: { title: 'Requests', default: 1000, unit: '', min: 10, max: 1e6 },
    rate: { title: 'Requests of all guests', default: 200, unit: '1/s', min: 0.1, max: 1e5 },
    busy: { title: 'Time that domain0 works at something else', default: 50, unit: '%', min: 0, max: 95 },
  },
  metrics: {
    latency: {
      title: 'Median time until a request is answered',
      unit: 'µs',
      better: 'lower',
      description: 'From the request of the guest until all its pages are there, waiting for domain0 included.',
    },
    latency99: {
      title: '99th percentile of that time',
      unit: 'µs',
      better: 'lower',
      description: 'One request in a hundred takes longer.',
    },
    cpu: {
      title: 'CPU time of a request',
      unit: 'µs',
      better: 'lower',
      description: 'Processor time of the guest and of domain0, the hypervisor for them included.',
    },
    controlCpu: {
      title: 'CPU time of domain0 for a request',
      unit: 'µs',
      better: 'lower',
      description:
        'Its part of that; where the hypervisor owns memory, only the work on its lists, which is charged to who built the guest.',
    },
    crossing: {
      title: 'CPU time of crossing the boundary',
      unit: 'µs',
      better: 'lower',
      description: 'What carrying one request to domain0 and its answer back takes, without what domain0 does for it.',
    },
  },
  run(lab, parameters) {
    const { guests: count, guestMemory, pages, requests, rate, busy } = parameters;
    const policy = lab.policy(rulesOf(parameters));
    const host = policy?.host('source');
    if (!policy || !host) return;
    const built = Array.from({ length: Math.round(count) }, (_, index) =>
      host.build('guest', `guest ${index}`, guestMemory),
    );
    const guests = built.filter((guest) => guest !== null);
    if (guests.length < built.length) return;
    const run = policy.demand(host, { guests, pages, requests, perSecond: rate, busy: busy / 100 });
    if (run === null) return;
    lab.measure('latency', run.medianNs / 1e3);
    lab.measure('latency99', run.p99Ns / 1e3);
    lab.measure('cpu', (run.guestNs + run.controlNs) / 1e3);
    lab.measure('controlCpu', run.controlNs / 1e3);
    lab.measure('crossing', run.crossingNs / 1e3);
  },
} satisfies Workload;
