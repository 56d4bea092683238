import type { LabDevice, LabDeviceOptions, LabLine, LabLineOptions } from '../driver-types.js';
import type { Lab, LabDomain, LabHost, WorkloadParameter } from '../workload.js';

/** Parameters that the workloads of the suite share. */
export const SCENE_PARAMETERS = {
  guests: { title: 'Guests', default: 1, unit: '', min: 1, max: 32 },
  guestMemory: { title: 'Memory of each guest', default: 32, unit: 'MiB', min: 16, max: 1024 },
  driverMemory: { title: 'Memory of the driver domain', default: 64, unit: 'MiB', min: 16, max: 1024 },
  driverDomain: {
    title: 'Device driven by domain0 (0) or by a driver domain (1)',
    default: 1,
    unit: '',
    min: 0,
    max: 1,
  },
  path: {
    title: 'By 0 the first that is there of copy, map, name; 1 copy; 2 map; 3 flip; 4 persistent grants; 5 name',
    default: 0,
    unit: '',
    min: 0,
    max: 5,
  },
  guard: {
    title:
      'Device behind: 0 what the platform has; 1 nothing; 2 all RAM; 3 own frames; 4 own, deferred; 5 buffers; 6 identity; 7 its nested tables',
    default: 0,
    unit: '',
    min: 0,
    max: 7,
  },
} as const satisfies Record<string, WorkloadParameter>;

const PATHS = ['copy', 'map', 'flip', 'persistent', 'name'] as const;
const FIRST_THERE = ['copy', 'map', 'name'] as const;
export const GUARDS = [
  'usual',
  'none',
  'all RAM',
  'own',
  'own, deferred',
  'buffers',
  'identity',
  'second stage',
] as const;

type Path = (typeof PATHS)[number];

/** The paths to try for a number, in order. */
const pathsOf = (number: number): readonly Path[] => (number < 0.5 ? FIRST_THERE : [PATHS[Math.round(number) - 1]]);

/** A page flips in only; out it is mapped. */
const linePaths = (path: Path): Pick<LabLineOptions, 'transmit' | 'receive'> => ({
  transmit: path === 'flip' ? 'map' : path,
  receive: path,
});

/** Connects by the first path that is there; null when none is. */
export const connectBy = (
  lab: Lab,
  frontend: LabDomain,
  to: LabDevice | LabLine,
  number: number,
  options: Pick<LabLineOptions, 'bytes' | 'batch'>,
): LabLine | null => {
  for (const path of pathsOf(number)) {
    const line = lab.drivers.connect(frontend, to, { ...linePaths(path), ...options });
    if (line !== null) return line;
  }
  return null;
};

export interface Scene {
  readonly host: LabHost;
  readonly device: LabDevice;
  readonly lines: readonly LabLine[];
}

/** A host, a device in the domain that is to drive it, and guests that are connected to it; null when something is refused. */
export const buildScene = (
  lab: Lab,
  parameters: Readonly<Record<keyof typeof SCENE_PARAMETERS, number>>,
  device: Omit<LabDeviceOptions, 'guard'>,
  line: Pick<LabLineOptions, 'bytes' | 'batch'>,
): Scene | null => {
  const host = lab.host('host');
  if (host === null) return null;
  const isOwn = parameters.driverDomain >= 0.5;
  const backend = isOwn ? host.build('driver', 'driver', parameters.driverMemory) : host.control;
  const made =
    backend === null ? null : lab.drivers.assign(backend, { ...device, guard: GUARDS[Math.round(parameters.guard)] });
  if (made === null) return null;
  const lines: LabLine[] = [];
  for (let guest = 0; guest < Math.round(parameters.guests); guest += 1) {
    const frontend = host.build('guest', `guest ${guest}`, parameters.guestMemory);
    const connected = frontend === null ? null : connectBy(lab, frontend, made, parameters.path, line);
    if (connected === null) return null;
    lines.push(connected);
  }
  return { host, device: made, lines };
};
