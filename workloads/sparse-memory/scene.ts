import type { LabBank } from '../host-memory.js';
import { WHO, controlMemory, domainOf } from '../memory-scene.js';
import type { Lab, LabDomain, LabHost, WorkloadParameter } from '../workload.js';

export const MAP_PARAMETERS = {
  ...WHO,
  memory: { ...WHO.memory, default: 192 },
  hostMemory: { title: 'Memory of the host', default: 512, unit: 'MiB', min: 256, max: 65_536 },
  banks: { title: 'Banks', default: 4, unit: '', min: 1, max: 32 },
  hole: { title: 'Hole between two banks', default: 1024, unit: 'MiB', min: 0, max: 1_048_576 },
} as const satisfies Record<string, WorkloadParameter>;

type Given = Readonly<Record<string, number>>;

/** Banks of one size with holes of one size between them; the first one holds the hypervisor beside its part. */
export const banksOf = (lab: Lab, { hostMemory, banks, hole }: Given): LabBank[] => {
  const count = Math.round(banks);
  const { hypervisorSize } = lab.memory;
  const each = Math.floor((hostMemory - hypervisorSize) / count);
  let start = 0;
  return Array.from({ length: count }, (_, bank) => {
    const size = bank === 0 ? hypervisorSize + each : each;
    const laid = { start, size };
    start += size + hole;
    return laid;
  });
};

/** A host with such banks, and the domain that is meant; null when something is refused. */
export const sparseHost = (lab: Lab, given: Given): { host: LabHost; domain: LabDomain } | null => {
  if (!lab.memory.lay(banksOf(lab, given), controlMemory(given))) return null;
  const host = lab.host('host');
  const domain = host === null ? null : domainOf(host, given);
  return host === null || domain === null ? null : { host, domain };
};
