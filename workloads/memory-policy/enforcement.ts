import type { Workload } from '../workload.js';
import { POLICY_PARAMETERS, rulesOf } from './policy-parameters.js';

const share = (some: number, all: number): number => (all === 0 ? 0 : (some / all) * 100);

export default {
  id: 'memory-policy/enforcement',
  title: 'Domain0 tries what it has no right to',
  description:
    'Policy is with domain0, enforcement alone with the hypervisor. A domain0 that is faulty, or worse, names the frames of a guest to have them given to another, wants frames back while guests have them, maps the memory of a guest, and has a device reach for it.',
  parameters: {
    ...POLICY_PARAMETERS,
    guestMemory: { title: 'Memory of each of two guests', default: 32, unit: 'MiB', min: 8, max: 4096 },
  },
  metrics: {
    handedOn: {
      title: 'Frames of a guest that could be given to another',
      unit: '%',
      better: 'lower',
      description: 'Of those that domain0 named; none where the hypervisor owns memory, which takes no orders.',
    },
    takenBack: {
      title: 'Frames taken back while guests have them',
      unit: '%',
      better: 'lower',
      description: 'Of the frames that domain0 had given up for the guests; none where it gave none.',
    },
    mapped: {
      title: 'Memory of a guest that domain0 can insert',
      unit: '%',
      better: 'lower',
      description: 'Frames of a guest that domain0 was given no right to, and whose insert is let through.',
    },
    device: {
      title: 'Memory of guests that a device of domain0 reaches',
      unit: 'MiB',
      better: 'lower',
      description:
        'Frames of others within reach of a device that ignores its driver; none where domain0 may have no device.',
    },
  },
  run(lab, parameters) {
    const policy = lab.policy(rulesOf(parameters));
    const host = policy?.host('source');
    if (!policy || !host) return;
    const guest = host.build('guest', 'guest', parameters.guestMemory);
    const other = host.build('guest', 'other guest', parameters.guestMemory);
    if (guest === null || other === null) return;
    const { named, handedOn, wanted, takenBack } = policy.misbehave(host, guest);
    const { tried, reached } = host.control.reach(guest);
    const device = lab.drivers.assign(host.control, { kind: 'network' });
    const { others } = device?.reach() ?? { others: 0 };
    lab.measure('handedOn', share(handedOn, named));
    lab.measure('takenBack', share(takenBack, wanted));
    lab.measure('mapped', share(reached, tried));
    lab.measure('device', (others * lab.pageBytes) / 2 ** 20);
  },
} satisfies Workload;
