import {
  ContentionModel,
  type DmaDevice,
  type Domain,
  Event,
  Mechanism,
  type MemoryWatch,
  type PacketMover,
  type Platform,
  nodeOf,
  solvePacketStalls,
} from '../engine/index.js';

/** Whose processor, or which device. */
type Mover = Domain | DmaDevice;
type Direction = 'in' | 'out';

interface Lines {
  readonly reads: number[];
  readonly writes: number[];
}

/** What one of those that move the packets of a line does for a packet. */
export interface PacketShare {
  readonly source: number;
  readonly direction: Direction;
  readonly mover: Mover;
}

/**
 * The memory of packets on a host with nodes: which lines each processor and device reads and writes, by the nodes of the frames that
 * they really are in, and what waiting for them is charged.
 */
export interface PacketMemory {
  /** Listens while packets of a line are moved, and charges those who moved them. */
  moving<Result>(source: number, direction: Direction, packets: number, move: () => Result): Result;
  /**
   * From what was moved so far: how long each waits for a line from here on. `periodsNs` gives the time from one packet of a line to the
   * next, for each of `shares`, from what each waits for a packet of it.
   */
  settle(periodsNs: (shares: readonly PacketShare[], stallNsAPacket: readonly number[]) => readonly number[]): void;
  /** Share of the lines of processors that were near since it was settled, 0 to 1. */
  readonly localShare: number;
}

/** Packets of a line one way: lines of memory that each takes for a packet, as last moved, and what it waits for one. */
interface Way {
  readonly source: number;
  readonly direction: Direction;
  aPacket: ReadonlyMap<Mover, Lines>;
  readonly stallNs: Map<Mover, number>;
}

/** `nodes`: where each processor and device is. */
export const packetMemory = (platform: Platform, nodes: ReadonlyMap<Mover, number>): PacketMemory => {
  const { topology, timing } = platform.numa!;
  const model = new ContentionModel(topology, timing);
  const noLines = (): Lines => ({
    reads: topology.distances.map(() => 0),
    writes: topology.distances.map(() => 0),
  });
  let counted = new Map<Mover, Lines>();
  const ways: Way[] = [];
  let [nearLines, allLines] = [0, 0];

  const watch: MemoryWatch = {
    touched(by, mfn, bytes, write) {
      const lines = counted.get(by) ?? noLines();
      counted.set(by, lines);
      const isProcessor = 'host' in by;
      // A device writes whole lines, which go over once, as lines that are read do.
      const kind = write && isProcessor ? 'writes' : 'reads';
      const node = nodeOf(isProcessor ? by.host : by.domain.host, mfn);
      lines[kind][node] += Math.ceil(bytes / timing.lineBytes);
    },
  };

  const charge = (mover: Mover, lines: Lines, nsALine: number): void => {
    const count = [...lines.reads, ...lines.writes].reduce((sum, each) => sum + each, 0);
    mover.account.charge(Mechanism.memory, Event.memoryStall, count * nsALine);
    if (!('host' in mover)) return;
    const node = nodes.get(mover)!;
    nearLines += lines.reads[node] + lines.writes[node];
    allLines += count;
  };

  return {
    moving(source, direction, packets, move) {
      let way = ways.find((each) => each.source === source && each.direction === direction);
      if (way === undefined) ways.push((way = { source, direction, aPacket: new Map(), stallNs: new Map() }));
      const hosts = new Set([...nodes.keys()].map((mover) => ('host' in mover ? mover.host : mover.domain.host)));
      counted = new Map();
      for (const host of hosts) host.memoryWatch = watch;
      const result = move();
      for (const host of hosts) host.memoryWatch = null;
      for (const [mover, lines] of counted) charge(mover, lines, way.stallNs.get(mover) ?? 0);
      const each = [...counted].map(([mover, { reads, writes }]): [Mover, Lines] => [
        mover,
        { reads: reads.map((count) => count / packets), writes: writes.map((count) => count / packets) },
      ]);
      way.aPacket = new Map(each);
      return result;
    },

    settle(periodsNs) {
      const all = ways.flatMap((way) => [...way.aPacket].map(([mover, lines]) => ({ way, mover, lines })));
      const shares = all.map(({ way, mover }): PacketShare => ({ ...way, mover }));
      const movers = all.map(({ mover, lines }): PacketMover => ({ node: nodes.get(mover)!, ...lines }));
      const stalls = solvePacketStalls(model, movers, (ns) => periodsNs(shares, ns));
      all.forEach(({ way, mover }, index) => void way.stallNs.set(mover, stalls[index]));
      [nearLines, allLines] = [0, 0];
    },

    get localShare() {
      return allLines === 0 ? 1 : nearLines / allLines;
    },
  };
};
