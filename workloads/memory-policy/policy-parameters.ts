import type { LabPolicyRules } from '../policy.js';
import type { WorkloadParameter } from '../workload.js';

/** What every workload of the suite may be given. */
export const POLICY_PARAMETERS = {
  owner: {
    title: 'Memory is handed out by the hypervisor (0) or by domain0, which owns all but a reserve (1)',
    default: 1,
    unit: '',
    min: 0,
    max: 1,
  },
  memory: { title: 'Memory of the host', default: 640, unit: 'MiB', min: 192, max: 16_384 },
  control: { title: 'Memory that domain0 has for itself', default: 128, unit: 'MiB', min: 16, max: 4096 },
  reserve: {
    title: 'Memory that the hypervisor keeps for its tables where it does not own the rest',
    default: 48,
    unit: 'MiB',
    min: 16,
    max: 4096,
  },
} as const satisfies Record<string, WorkloadParameter>;

/** Guests that give pages back and ask for as many again. */
export const REQUEST_PARAMETERS = {
  guests: { title: 'Guests', default: 4, unit: '', min: 1, max: 64 },
  guestMemory: { title: 'Memory of a guest', default: 32, unit: 'MiB', min: 8, max: 4096 },
  pages: { title: 'Pages in a request', default: 16, unit: 'pages', min: 1, max: 4096 },
} as const satisfies Record<string, WorkloadParameter>;

export const rulesOf = ({
  owner,
  memory,
  control,
  reserve,
}: Readonly<Record<keyof typeof POLICY_PARAMETERS, number>>): LabPolicyRules => ({
  owner: owner < 0.5 ? 'hypervisor' : 'control domain',
  memory,
  control,
  reserve,
});
