import type { ContentionModel, ThreadDemand } from './contention.js';

/** A processor or a device that moves packets: what it reads and writes for one of them, in lines by node. */
export interface PacketMover {
  readonly node: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** Rounds of the fixed point: more time a packet means fewer packets, and fewer packets less waiting. */
const ROUNDS = 8;
/** Digits that count of the time between accesses: movers that differ by less are one class of the network. */
const DIGITS = 2;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const linesOf = ({ reads, writes }: PacketMover): number => sum(reads) + sum(writes);

/** What it asks of memory and links; `near`: as if all of it lay on its own node. */
const demandOf = (mover: PacketMover, thinkNs: number, near = false): ThreadDemand => {
  const { node, reads, writes } = mover;
  const lines = linesOf(mover);
  const shares = (by: readonly number[]): number[] =>
    near ? by.map((_, at) => (at === node ? sum(by) / lines : 0)) : by.map((count) => count / lines);
  return { node, reads: shares(reads), writes: shares(writes), thinkNs };
};

/**
 * Nanoseconds a line that each mover waits longer than it would if all its lines were near and nobody else at work: what is charged
 * for the work itself has the time of near memory in it. `periodsNs` says, from what each waits for a packet, how long it is from one
 * of its packets to the next; in what its lines leave of that it does other things.
 */
export const solvePacketStalls = (
  model: ContentionModel,
  movers: readonly PacketMover[],
  periodsNs: (stallNsAPacket: readonly number[]) => readonly number[],
): readonly number[] => {
  const lines = movers.map(linesOf);
  const busy = [...movers.keys()].filter((index) => lines[index] > 0);
  const near = (index: number, thinkNs: number): number =>
    model.solve([demandOf(movers[index], thinkNs, true)]).nsAnAccess[0];
  let stallNs: readonly number[] = movers.map(() => 0);
  for (let round = 0; round < ROUNDS; round += 1) {
    const periods = periodsNs(stallNs.map((ns, index) => ns * lines[index]));
    const thinks = busy.map((index) => {
      const between = periods[index] / lines[index] - near(index, 0) - stallNs[index];
      return Number(Math.max(0, between).toPrecision(DIGITS));
    });
    const { nsAnAccess } = model.solve(busy.map((index, at) => demandOf(movers[index], thinks[at])));
    const now = movers.map(() => 0);
    busy.forEach((index, at) => {
      now[index] = Math.max(0, nsAnAccess[at] - near(index, thinks[at]));
    });
    stallNs = now.map((ns, index) => (round === 0 ? ns : (ns + stallNs[index]) / 2));
  }
  return stallNs;
};
