import {
  type Domain,
  type Finding,
  type Link,
  type Migration,
  MigrationSession,
  type Program,
  type Simulation,
  TOOL_2006,
  TOOL_2006_ADAPTIVE,
  TOOL_POST_COPY,
  TOOL_TODAY,
  type Verification,
  isFinding,
  sharedLink,
} from '../engine/index.js';
import type { LabLinkOptions, LabMigration, LabTool } from './workload.js';

/** Seconds between two looks at what a program has done while its domain moves. */
export const STEP_SECONDS = 0.05;

const TOOLS = {
  '2006': TOOL_2006,
  '2006 with rate limiter': TOOL_2006_ADAPTIVE,
  today: TOOL_TODAY,
  'post-copy': TOOL_POST_COPY,
} as const satisfies Record<LabTool, unknown>;

export const linkOf = ({ platform }: Simulation, options: LabLinkOptions = {}): Link => {
  const { bandwidth = 1, memory = 0, slows, failsAfterShare } = options;
  const bytes = (share: number): number => share * memory * 2 ** 20;
  const bitsPerSecond = platform.link.bitsPerSecond * bandwidth;
  return sharedLink(
    { ...platform.link, bitsPerSecond },
    {
      ...(slows === undefined
        ? {}
        : { slows: { afterBytes: bytes(slows.afterShare), bitsPerSecond: bitsPerSecond * slows.to } }),
      ...(failsAfterShare === undefined ? {} : { fails: { afterBytes: bytes(failsAfterShare) } }),
    },
  );
};

export interface Moving {
  readonly domain: Domain;
  readonly program: Program | null;
  readonly control: Domain;
  readonly targetControl: Domain;
}

/** Moves domains at the same time over one link, and looks at their programs at each step of time. */
export const moveTogether = (
  simulation: Simulation,
  moves: readonly Moving[],
  { link, tool = '2006' }: { readonly link: Link; readonly tool?: LabTool | undefined },
): (LabMigration | Finding)[] => {
  const { clock } = simulation;
  const startNs = clock.nowNs;
  const before = moves.map(({ program }) => program?.accesses ?? 0);
  const seen = moves.map((): number[] => []);
  const sessions = moves.map(({ domain, program, control, targetControl }) =>
    MigrationSession.begin({
      guest: domain,
      ...(program === null ? {} : { program }),
      control,
      targetControl,
      link,
      tool: TOOLS[tool],
    }),
  );
  const look = (untilNs: number): void => {
    for (;;) {
      const lookNs = startNs + (seen[0].length + 1) * STEP_SECONDS * 1e9;
      if (lookNs > untilNs) return;
      clock.advanceTo(lookNs);
      moves.forEach(({ program }, index) => seen[index].push((program?.accesses ?? 0) - before[index]));
    }
  };
  for (;;) {
    const [first, ...others] = sessions.filter(({ result }) => result === null);
    if (first === undefined) break;
    const next = others.reduce((least, each) => (each.nextNs < least.nextNs ? each : least), first);
    look(next.nextNs);
    next.step();
  }
  return sessions.map(({ result }, index) => {
    if (isFinding(result)) return result;
    const migration = result as Migration;
    const steps = Math.floor(migration.totalNs / 1e9 / STEP_SECONDS);
    const counts = seen[index].slice(0, steps);
    return { ...migration, accesses: counts.map((count, step) => count - (counts[step - 1] ?? 0)) };
  });
};

/** Throws when a domain's memory is not, to the page, what the domain wrote. */
export const requireContents = ({ name }: Domain, { wrongFrames, wrongPages }: Verification): void => {
  if (wrongFrames.length + wrongPages.length === 0) return;
  throw new Error(`${wrongFrames.length} frames and ${wrongPages.length} pages of ${name} are not what it wrote`);
};
