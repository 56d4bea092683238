import { type CustomerClass, solveClosedNetwork } from './closed-network.js';

/** What one thread alone was measured to do by reading or by writing through a large array. */
export interface StreamTiming {
  /** What it asks of its own node's memory, in bytes a second. */
  readonly localBytesPerSecond: number;
  /** Times of the same work by the hops to the memory, from 0 on, in any one unit. */
  readonly timesByHops: readonly number[];
}

/** How fast the memory of nodes is, as measured: see the settings of a platform's file for sources. */
export interface MemoryTiming {
  readonly lineBytes: number;
  /** What the memory of one node sustains, and a link each way. */
  readonly memoryBytesPerSecond: number;
  readonly linkBytesPerSecond: number;
  /** Lines that one thread has under way at a time. */
  readonly linesInFlight: number;
  readonly read: StreamTiming;
  readonly write: StreamTiming;
}

export type AccessKind = 'read' | 'write';

/** A line read comes over once; a line written is fetched first and written back later. */
export const TRANSFERS: Readonly<Record<AccessKind, { readonly memory: number; readonly towards: number }>> = {
  read: { memory: 1, towards: 0 },
  write: { memory: 2, towards: 1 },
};

/** Nanoseconds that one line takes at its node's memory and at one link. */
export const lineService = (timing: MemoryTiming): { readonly memoryNs: number; readonly linkNs: number } => ({
  memoryNs: (timing.lineBytes / timing.memoryBytesPerSecond) * 1e9,
  linkNs: (timing.lineBytes / timing.linkBytesPerSecond) * 1e9,
});

/** What a lone thread takes for a line by what was measured; beyond the hops that were, each takes what the last one did. */
export const loneLineNs = (timing: MemoryTiming, kind: AccessKind, hops: number): number => {
  const { localBytesPerSecond, timesByHops } = timing[kind];
  const last = timesByHops.length - 1;
  const known = timesByHops[Math.min(hops, last)];
  const time = hops <= last ? known : known + (hops - last) * (known - (timesByHops[last - 1] ?? known));
  const localNs = ((TRANSFERS[kind].memory * timing.lineBytes) / localBytesPerSecond) * 1e9;
  return (localNs * time) / timesByHops[0];
};

/** A thread alone on its way over so many hops: the memory, and each link in the ways that it uses. */
const loneClass = (timing: MemoryTiming, kind: AccessKind, hops: number, delayNs: number): CustomerClass => {
  const { memoryNs, linkNs } = lineService(timing);
  const { memory, towards } = TRANSFERS[kind];
  const links = Array.from({ length: hops * (1 + towards) }, () => linkNs);
  return { customers: timing.linesInFlight, delayNs, serviceNs: [memory * memoryNs, ...links] };
};

const STEPS = 60;

/**
 * What of a line's time is spent neither at the memory nor at a link: found by halving so that a lone thread takes what was
 * measured, its own lines in each other's way counted in. 0 where the queues alone take as much.
 */
export const delayOfLine = (timing: MemoryTiming, kind: AccessKind, hops: number): number => {
  const targetNs = loneLineNs(timing, kind, hops);
  let low = 0;
  let high = timing.linesInFlight * targetNs;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    const [{ rounds }] = solveClosedNetwork([loneClass(timing, kind, hops, middle)]);
    if (1 / rounds < targetNs) low = middle;
    else high = middle;
  }
  return high < 1e-6 ? 0 : high;
};
