import { describe, expect, it } from 'vitest';
import { ContentionModel } from '../../../engine/numa/contention.js';
import { delayOfLine, lineService } from '../../../engine/numa/memory-timing.js';
import { type PacketMover, solvePacketStalls } from '../../../engine/numa/packet-stalls.js';
import { OPTERON, ladder } from './support.js';

const square = new ContentionModel(ladder(4), OPTERON);
const LINES = 24;

/** Reads so many lines of one node a packet. */
const reader = (node: number, from: number, lines = LINES): PacketMover => ({
  node,
  reads: [0, 0, 0, 0].with(from, lines),
  writes: [0, 0, 0, 0],
});

/** Movers with so long from one packet to the next. */
const stalls = (movers: readonly PacketMover[], periodNs: number): readonly number[] =>
  solvePacketStalls(square, movers, () => movers.map(() => periodNs));

describe('what waits for memory beyond what near memory takes', () => {
  it('nothing does that is near and alone, or reads nothing', () => {
    for (const periodNs of [0, 1e4, 1e9]) expect(stalls([reader(2, 2), reader(1, 1, 0)], periodNs)).toEqual([0, 0]);
  });

  it('a mover alone and seldom at work waits for the way alone: what delay and links of its hops take, shared by its lines under way', () => {
    const { linkNs } = lineService(OPTERON);
    for (const [from, hops] of [
      [1, 1],
      [3, 2],
    ]) {
      const way = delayOfLine(OPTERON, 'read', hops) + hops * linkNs - delayOfLine(OPTERON, 'read', 0);
      expect(stalls([reader(0, from)], 1e9)[0]).toBeCloseTo(way / OPTERON.linesInFlight, 3);
    }
  });

  it('movers that do nothing else wait as threads do that share the memory', () => {
    const movers = Array.from({ length: 6 }, () => reader(0, 0));
    const [alone] = square.solve([{ node: 0, reads: [1, 0, 0, 0], writes: [0, 0, 0, 0] }]).nsAnAccess;
    const [together] = square.solve(
      movers.map(() => ({ node: 0, reads: [1, 0, 0, 0], writes: [0, 0, 0, 0] })),
    ).nsAnAccess;
    const found = solvePacketStalls(square, movers, (stallNs) => stallNs.map((ns) => LINES * alone + ns));
    for (const ns of found) expect(ns / (together - alone)).toBeCloseTo(1, 1);
  });

  it('the more packets the longer, and far memory longer than near', () => {
    const crowd = (from: number): PacketMover[] => Array.from({ length: 8 }, () => reader(0, from));
    const waits = [1e5, 1e4, 3e3].map((periodNs) => stalls(crowd(0), periodNs)[0]);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(stalls(crowd(3), 1e4)[0]).toBeGreaterThan(stalls(crowd(0), 1e4)[0]);
  });
});
