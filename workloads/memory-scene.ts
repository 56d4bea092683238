import type { Lab, LabDomain, LabHost, WorkloadParameter } from './workload.js';

/** Whose memory a workload is about. */
export const WHO = {
  role: { title: 'Whose: 0 a guest, 1 a driver domain, 2 the control domain', default: 2, unit: '', min: 0, max: 2 },
  memory: { title: 'Memory of the domain', default: 96, unit: 'MiB', min: 8, max: 4096 },
} as const satisfies Record<string, WorkloadParameter>;

/** Whose memory a workload of several domains is about. */
export const WHOSE = {
  title: 'Whose: 0 guests, 1 driver domains',
  default: 1,
  unit: '',
  min: 0,
  max: 1,
} as const satisfies WorkloadParameter;

export const roleOf = ({ role }: Given): 'guest' | 'driver' => (Math.round(role) === 1 ? 'driver' : 'guest');

/** MiB of a control domain that is there only to build others. */
export const SMALL_CONTROL = 48;
/** MiB beside the memory of a domain: what the hypervisor keeps for its tables. */
export const POOLS = 8;
/** Share of free memory that guests are built with; the hypervisor takes tables for them from the rest. */
const USABLE = 0.9;

type Given = Readonly<Record<string, number>>;

/** MiB of a host's control domain, where `role` and `memory` say which domain is meant. */
export const controlMemory = ({ role, memory }: Given): number => (isControl(role) ? memory : SMALL_CONTROL);

const isControl = (role: number): boolean => Math.round(role) === 2;

/** The domain that is meant; null when it is refused. */
export const domainOf = (host: LabHost, { role, memory }: Given): LabDomain | null => {
  if (isControl(role)) return host.control;
  return host.build(Math.round(role) === 1 ? 'driver' : 'guest', 'domain', memory);
};

export const pagesIn = (lab: Lab, mebibytes: number): number => Math.floor((mebibytes * 2 ** 20) / lab.pageBytes);

export const mebibytesOf = (lab: Lab, pages: number): number => (pages * lab.pageBytes) / 2 ** 20;

export const freeOf = (host: LabHost): number => host.freeBytes / 2 ** 20;

/** A guest with the share of free memory that is asked for, less what its tables need. */
export const takeFree = (host: LabHost, name: string, share = 1): LabDomain | null =>
  host.build('guest', name, Math.floor(freeOf(host) * share * USABLE));
