import type { Workload } from '../workload.js';
import { POLICY_PARAMETERS, rulesOf } from './policy-parameters.js';

export default {
  id: 'memory-policy/build',
  title: 'Build guests, destroy every other one, and build one of their size',
  description:
    'Guests are built, every other one is destroyed and what it had is taken back by whoever owns memory; then one guest as large as all that are gone is built. Where domain0 owns all memory but a reserve it gives up the frames of each guest by its balloon, and the hypervisor hands on those very frames.',
  parameters: {
    ...POLICY_PARAMETERS,
    guests: { title: 'Guests', default: 4, unit: '', min: 2, max: 64 },
    guestMemory: { title: 'Memory of a guest', default: 64, unit: 'MiB', min: 8, max: 4096 },
  },
  metrics: {
    buildTime: {
      title: 'CPU time of domain0 to build a guest',
      unit: 'ms',
      better: 'lower',
      description: 'Processor time charged to domain0, the hypervisor for it included, on average of the first guests.',
    },
    hypervisorShare: {
      title: 'Part of that in the hypervisor',
      unit: '%',
      better: 'lower',
      description: 'Share of that time that is spent below domain0, as hypercalls and what they do.',
    },
    takeBack: {
      title: 'CPU time of domain0 to take back the memory of a guest',
      unit: 'ms',
      better: 'lower',
      description: 'After the guest is destroyed; none where the hypervisor owns memory, which has it at once.',
    },
    returned: {
      title: 'Memory of destroyed guests that can be handed out again',
      unit: '%',
      better: 'higher',
      description:
        'Growth of what could still be handed out, of what went for the destroyed guests when they were built.',
    },
    spare: {
      title: 'Memory that could still be handed out',
      unit: 'MiB',
      better: 'higher',
      description: 'With all first guests there: what the owner has free beside its own needs.',
    },
    chunks: {
      title: 'Memory of the last guest in chunks of 2 MiB',
      unit: '%',
      better: 'higher',
      description:
        'Share of its pages that fill aligned chunks of 2 MiB of the machine, so that large pages can map them.',
    },
  },
  run(lab, parameters) {
    const { guests, guestMemory } = parameters;
    const policy = lab.policy(rulesOf(parameters));
    const host = policy?.host('source');
    if (!policy || !host) return;
    const { control } = host;
    const all = policy.spare(host);
    const before = control.use();
    const built = Array.from({ length: Math.round(guests) }, (_, index) =>
      host.build('guest', `guest ${index}`, guestMemory),
    );
    const there = built.filter((guest) => guest !== null);
    if (there.length < built.length) return;
    const after = control.use();
    const ns = after.ns - before.ns;
    const spare = policy.spare(host);
    const leaving = there.filter((_, index) => index % 2 === 0);
    for (const guest of leaving) if (!host.destroy(guest)) return;
    const from = control.cpuNs;
    policy.takeBack(host);
    const takeBackNs = control.cpuNs - from;
    const returned = policy.spare(host) - spare;
    const last = host.build('guest', 'last guest', leaving.length * guestMemory);
    lab.measure('buildTime', ns / there.length / 1e6);
    lab.measure('hypervisorShare', ns === 0 ? 0 : ((after.hypervisorNs - before.hypervisorNs) / ns) * 100);
    lab.measure('takeBack', takeBackNs / leaving.length / 1e6);
    lab.measure('returned', (returned / (((all - spare) / there.length) * leaving.length)) * 100);
    lab.measure('spare', spare);
    if (last !== null) lab.measure('chunks', policy.inChunks(last) * 100);
  },
} satisfies Workload;
