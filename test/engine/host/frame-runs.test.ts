import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asMfn, buildDomain } from '../../../engine/index.js';
import { frameRuns } from '../../../engine/host/frame-runs.js';
import { FrameState } from '../../../engine/host/frame-table.js';
import type { Host } from '../../../engine/host/host.js';
import { takeOffline } from '../../../engine/host/offline-frames.js';
import { destroyDomain } from '../../../engine/operations/destroy.js';
import { PAGE, domainOn, hostOf, platformOf } from '../support.js';

/** Two banks with a hole of 64 frames between them, the hypervisor in the first 8 frames, and a table about frames of 4 pages. */
const BANKS = [
  [0, 64],
  [128, 40],
] as const;
const newHost = (): Host =>
  hostOf(
    platformOf(BANKS, {
      hypervisorBytes: 8 * PAGE,
      frameTable: { bytesAFrame: 32, chunkBytes: 2 * PAGE, covers: 'chunks' },
    }),
  );

const build = (host: Host, name: string, pages: number) =>
  buildDomain(host, { name, model: 'insert', builder: host.simulation.ledger.account('builder') }, pages);

/** What the state of the frame table says of a frame, without the hypervisor's list. */
const BY_STATE: Readonly<Record<number, readonly string[]>> = {
  [FrameState.free]: ['free'],
  [FrameState.owned]: ['domain'],
  [FrameState.shared]: ['shared'],
  [FrameState.offlined]: ['offline'],
  [FrameState.reserved]: ['hypervisor', 'tables', 'domain tables'],
};

const framesBy = (host: Host, wanted: string): number =>
  frameRuns(host).reduce((sum, { frames, use }) => sum + (use === wanted ? frames : 0), 0);

describe('who has the frames of a host', () => {
  it('is said of its image, its tables, its domains, and what is free, frame by frame', () => {
    const host = newHost();
    const domain = domainOn(host, 'guest', 'insert', 10);
    host.hypervisor.take('paging pool', 3, domain.id);
    expect(['hypervisor', 'tables', 'domain', 'domain tables'].map((use) => framesBy(host, use))).toEqual([
      8,
      host.hypervisor.pages('frame table'),
      10,
      3,
    ]);
    expect(framesBy(host, 'free')).toBe(host.heap.freeFrames);
  });

  it('has every installed frame once, in ascending order, with its own owner, whatever was built, destroyed and taken out', () => {
    const step = fc.record({ kind: fc.constantFrom('build', 'destroy', 'offline', 'keep'), number: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const host = newHost();
        const payer = host.simulation.ledger.account('payer');
        for (const [at, { kind, number }] of steps.entries()) {
          const [first] = [...host.domains.values()];
          if (kind === 'build') build(host, `guest ${at}`, 1 + number);
          if (kind === 'destroy' && first !== undefined) destroyDomain(first, payer);
          if (kind === 'offline') takeOffline(host, asMfn(130 + number));
          if (kind === 'keep' && first !== undefined) host.hypervisor.take('paging pool', 1 + (number % 4), first.id);
        }
        const seen: number[] = [];
        for (const { first, frames, use, domain } of frameRuns(host))
          for (let mfn = first as number; mfn < first + frames; mfn += 1) {
            seen.push(mfn);
            expect(BY_STATE[host.frames.state(asMfn(mfn))]).toContain(use);
            if (use === 'domain') expect(domain).toBe(host.frames.owner(asMfn(mfn)));
          }
        expect(seen).toEqual(BANKS.flatMap(([first, frames]) => Array.from({ length: frames }, (_, at) => first + at)));
        const kept = [...host.domains.keys()].reduce((sum, id) => sum + host.hypervisor.pagesFor(id), 0);
        expect(framesBy(host, 'domain tables')).toBe(kept);
      }),
      { numRuns: 60 },
    );
  });

  it('is not more runs than owners change: neighbours of one run differ', () => {
    const host = newHost();
    build(host, 'guest', 10);
    const runs = frameRuns(host);
    for (const [at, run] of runs.entries()) {
      const before = runs[at - 1];
      if (before === undefined || before.first + before.frames !== run.first) continue;
      expect([before.use, before.domain]).not.toEqual([run.use, run.domain]);
    }
  });
});
