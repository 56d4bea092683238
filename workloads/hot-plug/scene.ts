import type { LabBank } from '../host-memory.js';
import { POOLS, WHO, controlMemory, domainOf, pagesIn, takeFree } from '../memory-scene.js';
import type { Lab, LabDomain, LabHost, LabProgram, WorkloadParameter } from '../workload.js';

export const BANK_PARAMETERS = {
  ...WHO,
  bankSize: { title: 'Memory of the bank', default: 48, unit: 'MiB', min: 16, max: 4096 },
  hole: { title: 'Hole below the bank', default: 0, unit: 'MiB', min: 0, max: 1_048_576 },
} as const satisfies Record<string, WorkloadParameter>;

export const LOAD_PARAMETERS = {
  ...BANK_PARAMETERS,
  workingSet: { title: 'Memory that the domain’s program writes', default: 16, unit: 'MiB', min: 1, max: 2048 },
  writeRate: { title: 'Pages written', default: 10_000, unit: 'pages/s', min: 1, max: 1e7 },
  kernelShare: { title: 'Share of its memory that its kernel has for itself', default: 5, unit: '%', min: 0, max: 20 },
  heldShare: { title: 'Share of its memory that a device was told of', default: 0, unit: '%', min: 0, max: 20 },
} as const satisfies Record<string, WorkloadParameter>;

type Given = Readonly<Record<string, number>>;

export interface PluggedScene {
  readonly host: LabHost;
  readonly domain: LabDomain;
  readonly bank: LabBank;
  /** MiB of the bank that describe it. */
  readonly tables: number;
}

/** MiB that the host has at boot: a domain, the bank's size and more beside it. */
const bootMemory = (lab: Lab, given: Given): number => {
  const size = lab.memory.hypervisorSize + controlMemory(given) + given['memory'] + given['bankSize'] + 4 * POOLS;
  return Math.ceil(size / 64) * 64;
};

/** The n-th bank that is plugged in, from 0 on: above all that a host has at boot, with a hole below each. */
export const bankAt = (lab: Lab, given: Given, index = 0): LabBank => {
  const { bankSize, hole } = given;
  return { start: bootMemory(lab, given) + hole + index * (bankSize + hole), size: bankSize };
};

/** A host and a domain on it, with the bank's size and more beside them. */
export const hostWithRoom = (lab: Lab, given: Given): { host: LabHost; domain: LabDomain } | null => {
  if (!lab.memory.lay([{ start: 0, size: bootMemory(lab, given) }], controlMemory(given))) return null;
  const host = lab.host('host');
  const domain = host === null ? null : domainOf(host, given);
  return host === null || domain === null ? null : { host, domain };
};

/**
 * A domain with a part of its memory in a bank that was plugged in: it gives memory up, another takes what is free, the bank comes and
 * the domain takes memory from it, and the other one goes.
 */
export const domainInBank = (lab: Lab, given: Given): PluggedScene | null => {
  const scene = hostWithRoom(lab, given);
  if (scene === null) return null;
  const { host, domain } = scene;
  const { memory, bankSize } = given;
  domain.balloonOut(pagesIn(lab, Math.min(memory / 2, bankSize * 0.7)));
  const other = takeFree(host, 'other');
  if (other === null) return null;
  const bank = bankAt(lab, given);
  const plugged = lab.memory.banks.plug(host, bank);
  if (plugged === null) return null;
  lab.memory.banks.give(domain, bank);
  host.destroy(other);
  return { host, domain, bank, tables: plugged.tables };
};

/** The domain's kernel and a device take their share of it, and its program begins to write. */
export const loadDomain = (lab: Lab, domain: LabDomain, given: Given): LabProgram => {
  const { workingSet, writeRate, kernelShare, heldShare } = given;
  const { banks } = lab.memory;
  const { pages } = domain;
  banks.takeForKernel(domain, Math.floor((pages * kernelShare) / 100));
  banks.holdForDevice(domain, Math.floor((pages * heldShare) / 100));
  const written = Math.max(1, Math.min(pagesIn(lab, workingSet), Math.floor(domain.freePages / 4)));
  const pattern = lab.patterns.uniform({ pages: written, writeShare: 1, stream: lab.random('pages written') });
  const program = domain.start(pattern, { rate: writeRate });
  lab.advance(0.1);
  return program;
};
