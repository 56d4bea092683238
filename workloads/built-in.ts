import kernelMemory from './control-domain/kernel-memory.js';
import networkStream from './control-domain/network-stream.js';
import reach from './control-domain/reach.js';
import driverDomain from './migration/driver-domain.js';
import recordedSqlite from './migration/recorded-sqlite.js';
import uniformWriter from './migration/uniform-writer.js';
import type { Workload } from './workload.js';

/** The suites that come with the program; a workload's suite is the first part of its id. */
export const BUILT_IN_WORKLOADS: readonly Workload[] = [
  recordedSqlite,
  uniformWriter,
  driverDomain,
  networkStream,
  kernelMemory,
  reach,
];
