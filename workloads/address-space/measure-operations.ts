import type { Lab, LabDomain, WorkloadMetric, WorkloadParameter } from '../workload.js';

/** What every workload of processes states. */
export const OPERATION_METRICS = {
  timePerOperation: {
    title: 'Time of one operation',
    unit: 'µs',
    better: 'lower',
    description: 'Processor time that memory costs an operation, on average; other work of a kernel is not in it.',
  },
  hypervisorShare: {
    title: 'Share of the hypervisor',
    unit: '%',
    better: 'lower',
    description: 'Part of that time that the processor is in the hypervisor.',
  },
  missTime: {
    title: 'Time of TLB misses in one operation',
    unit: 'µs',
    better: 'lower',
    description:
      'Part of that time for translations that the TLB did not have: walks by the hardware, and what kernel and hypervisor do to put one there.',
  },
  hypercalls: {
    title: 'Hypercalls in one operation',
    unit: 'hypercalls',
    better: 'lower',
    description: 'How often the kernel calls the hypervisor in an operation, on average; a batch is one call.',
  },
  exits: {
    title: 'Exits in one operation',
    unit: 'exits',
    better: 'lower',
    description: 'How often a fault or a privileged instruction enters the hypervisor in an operation, on average.',
  },
  memoryOverhead: {
    title: 'Memory of page tables and hypervisor',
    unit: 'KiB',
    better: 'lower',
    description:
      'Memory that serves translation when the operations are done: page tables of the domain, and frames that the hypervisor keeps for it.',
  },
} as const satisfies Record<string, WorkloadMetric>;

/** Where processes run, for every workload of processes. */
export const PLACE = {
  guest: { title: 'Where: 0 in the control domain, 1 in a guest', default: 0, unit: '', min: 0, max: 1 },
  guestMemory: { title: 'Memory of the guest, where it is one', default: 256, unit: 'MiB', min: 16, max: 4096 },
} as const satisfies Record<string, WorkloadParameter>;

/** The domain that processes run in; null when it is refused. */
export const placeOf = (
  lab: Lab,
  { guest, guestMemory }: Readonly<Record<string, number>>,
  hostName = 'host',
): LabDomain | null => {
  const host = lab.host(hostName);
  if (host === null) return null;
  return guest >= 0.5 ? host.build('guest', `guest of ${hostName}`, guestMemory) : host.control;
};

/** Pages that so many KiB are, one at least. */
export const pagesOf = (lab: Lab, kibibytes: number): number =>
  Math.max(1, Math.floor((kibibytes * 1024) / lab.pageBytes));

/** A count that a sweep may have made a broken one. */
export const whole = (count: number): number => Math.max(1, Math.round(count));

/** Does an operation so many times, after two that fill caches, and states what each took of the domain. */
export const measureOperations = (lab: Lab, domain: LabDomain, times: number, operation: () => void): void => {
  const count = whole(times);
  for (let warmUp = 0; warmUp < 2; warmUp += 1) operation();
  const before = domain.use();
  for (let done = 0; done < count; done += 1) operation();
  stateUse(lab, domain, before, count);
};

/** States what a domain was charged since `before`, for each of `count` operations. */
export const stateUse = (lab: Lab, domain: LabDomain, before: ReturnType<LabDomain['use']>, count: number): void => {
  const after = domain.use();
  const ns = after.ns - before.ns;
  lab.measure('timePerOperation', ns / count / 1e3);
  lab.measure('hypervisorShare', ns === 0 ? 0 : ((after.hypervisorNs - before.hypervisorNs) / ns) * 100);
  lab.measure('missTime', (after.translationNs - before.translationNs) / count / 1e3);
  lab.measure('hypercalls', (after.hypercalls - before.hypercalls) / count);
  lab.measure('exits', (after.exits - before.exits) / count);
  lab.measure('memoryOverhead', domain.overheadBytes / 1024);
};
