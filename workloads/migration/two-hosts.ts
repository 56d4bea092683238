import type {
  Lab,
  LabDomain,
  LabHost,
  LabLinkOptions,
  LabMoveOptions,
  LabTool,
  WorkloadParameter,
} from '../workload.js';

/** Parameters that several workloads have. */
export const guestMemory = {
  title: 'Memory of the guest',
  default: 256,
  unit: 'MiB',
  min: 64,
  max: 2048,
} as const satisfies WorkloadParameter;

/** The tool, by number. */
export const toolNumber = {
  title: 'Tool: 0 of 2006, 1 of 2006 with its rate limiter, 2 of today',
  default: 0,
  unit: '',
  min: 0,
  max: 2,
} as const satisfies WorkloadParameter;

/** The link, by what the platform has. */
export const linkBandwidth = {
  title: 'Bandwidth of the link, of that of the platform',
  default: 100,
  unit: '%',
  min: 0.1,
  max: 100_000,
} as const satisfies WorkloadParameter;

/** How a guest moves: parameters of every workload that moves one by pre-copy. */
export const movedBy = { tool: toolNumber, bandwidth: linkBandwidth } as const;

const TOOLS = ['2006', '2006 with rate limiter', 'today'] as const;

const toolOf = (number: number): LabTool => TOOLS[Math.round(number)];

/** The tool and the link that the parameters of `movedBy` say, and what happens to the link. */
export const moveOptions = (
  lab: Lab,
  parameters: Readonly<Record<string, number>>,
  fate: LabLinkOptions = {},
): Required<LabMoveOptions> => ({
  tool: toolOf(parameters.tool),
  link: lab.link({ ...fate, bandwidth: parameters.bandwidth / 100 }),
});

/** Two hosts, and a guest on the first; null when one of them is refused. */
export const guestBetweenHosts = (
  lab: Lab,
  memory: number,
): { readonly source: LabHost; readonly target: LabHost; readonly guest: LabDomain } | null => {
  const source = lab.host('source');
  const target = lab.host('target');
  const guest = source?.build('guest', 'guest', memory) ?? null;
  return source === null || target === null || guest === null ? null : { source, target, guest };
};

/** Pages that so many MiB are. */
export const pagesIn = (lab: Lab, mebibytes: number): number => Math.floor((mebibytes * 2 ** 20) / lab.pageBytes);
