import { randomStream } from '../../../engine/host/random.js';
import type { ThreadDemand } from '../../../engine/numa/contention.js';
import { type AccessKind, type MemoryTiming, delayOfLine } from '../../../engine/numa/memory-timing.js';
import { type NumaTopology, routeBetween } from '../../../engine/numa/topology.js';

interface Line {
  readonly thread: number;
  /** Servers still to visit. */
  way: string[];
}

/**
 * The same threads line by line, with first come, first served at every memory and every way of a link: what the mean values
 * are of. `exponential` service is what makes these exact; hardware is nearer to `constant`.
 *
 * @returns nanoseconds that an access of each thread takes on average
 */
export const simulateLines = (
  topology: NumaTopology,
  timing: MemoryTiming,
  threads: readonly ThreadDemand[],
  { service, lines }: { readonly service: 'exponential' | 'constant'; readonly lines: number },
): readonly number[] => {
  const stream = randomStream('simulated lines', service);
  const uniform = (): number => (stream.uint32() + 0.5) / 2 ** 32;
  const drawn = (mean: number): number => (service === 'constant' ? mean : -mean * Math.log(uniform()));
  const events: { at: number; run: () => void }[] = [];
  const queues = new Map<string, Line[]>();
  const done = threads.map(() => 0);
  let now = 0;
  const serviceNs = (server: string): number =>
    (timing.lineBytes / (server.startsWith('memory') ? timing.memoryBytesPerSecond : timing.linkBytesPerSecond)) * 1e9;
  const after = (ns: number, run: () => void): void => {
    const at = now + ns;
    let place = events.length;
    while (place > 0 && events[place - 1].at <= at) place -= 1;
    events.splice(place, 0, { at, run });
  };
  const delays = new Map<string, number>();
  const delayOf = (kind: AccessKind, hops: number): number => {
    const key = `${kind} ${hops}`;
    if (!delays.has(key)) delays.set(key, delayOfLine(timing, kind, hops));
    return delays.get(key)!;
  };
  const begin = (thread: number): void => {
    const { node, reads, writes } = threads[thread];
    let left = uniform();
    const all = [
      ...reads.map((share, from) => ({ share, from, kind: 'read' as const })),
      ...writes.map((share, from) => ({ share, from, kind: 'write' as const })),
    ];
    const { from, kind } = all.find(({ share }) => (left -= share) < 0) ?? all.findLast(({ share }) => share > 0)!;
    const route = routeBetween(topology, from, node);
    const links = route.slice(1).map((to, step) => `link ${route[step]} ${to}`);
    const back = route.slice(1).map((to, step) => `link ${to} ${route[step]}`);
    const memory = `memory ${from}`;
    const way = [memory, ...links, ...(kind === 'write' ? [...back.toReversed(), memory] : [])];
    after(drawn(delayOf(kind, route.length - 1)), () => visit({ thread, way }));
  };
  const visit = (line: Line): void => {
    const [server] = line.way;
    if (server === undefined) {
      done[line.thread] += 1;
      begin(line.thread);
      return;
    }
    const queue = queues.get(server) ?? [];
    queues.set(server, queue);
    queue.push(line);
    if (queue.length === 1) serve(server, queue);
  };
  const serve = (server: string, queue: Line[]): void =>
    after(drawn(serviceNs(server)), () => {
      const line = queue.shift()!;
      line.way = line.way.slice(1);
      if (queue.length > 0) serve(server, queue);
      visit(line);
    });
  threads.forEach((_, thread) => {
    for (let line = 0; line < timing.linesInFlight; line += 1) begin(thread);
  });
  const total = (): number => done.reduce((sum, count) => sum + count, 0);
  while (total() < lines) {
    const { at, run } = events.pop()!;
    now = at;
    run();
  }
  return done.map((count) => now / count);
};
