import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelId, type ModelOptions, audit } from '../../engine/index.js';
import type { LabRecord } from '../../workloads/lab.js';
import { labOf } from './platform-cases.js';
import { caseOf, runMemory, workloadOf } from './memory-suites.js';

const metric = (record: LabRecord, name: string): number => record.metrics.get(name)!;

describe('a domain that gives memory up and wants it back while another has some of the frames', () => {
  const PAGE = 16384;
  const GIVEN = { memory: 32, given: 50, taken: 10, slack: 16 };
  const giveBack = (model: ModelId, options: ModelOptions = {}, own = {}): LabRecord =>
    runMemory(workloadOf('oversubscription/give-back'), caseOf('ia64-2006', 'driver', model, options), {
      ...GIVEN,
      ...own,
    });

  it('under P==M, released: is short by exactly the frames that the other one has, which the heap counted as freed', () => {
    const record = giveBack('direct');
    const pages = (16 * 2 ** 20) / PAGE;
    const taken = metric(record, 'takenByOthers');
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(pages);
    expect((metric(record, 'cameBack') * pages) / 100).toBeCloseTo(pages - taken, 6);
    expect(metric(record, 'freed')).toBe(16);
    expect(metric(record, 'cameBackAfter')).toBe(100);
    expect(record.findings).toMatchObject([{ operation: 'balloon in', rule: 'same-frames-free' }]);
  });

  it('under P==M, kept: gets all of them back and had freed nothing', () => {
    const record = giveBack('direct', { ballooned: 'kept' });
    expect(Object.fromEntries(record.metrics)).toMatchObject({ freed: 0, takenByOthers: 0, cameBack: 100 });
    expect(record.findings).toEqual([]);
  });

  it.each(['p2m', 'insert'] as const)('under %s: frees all and gets all back, in other frames', (model) => {
    const record = giveBack(model);
    expect(Object.fromEntries(record.metrics)).toMatchObject({ freed: 16, takenByOthers: 0, cameBack: 100 });
    expect(record.findings).toEqual([]);
  });

  it.each(['direct', 'p2m', 'insert'] as const)(
    'in batches under %s: the same, for an operation in place of each batch of hypercalls',
    (model) => {
      const [single, batch] = [giveBack(model), giveBack(model, {}, { batch: 512 })];
      const pages = (16 * 2 ** 20) / PAGE;
      const { costs } = batch.simulation.platform;
      const saved = (pages * costs.hypercall! - Math.ceil(pages / 512) * costs.memoryOperation!) / pages / 1e3;
      expect(metric(single, 'timeOut') - metric(batch, 'timeOut')).toBeCloseTo(saved, 9);
      for (const name of ['freed', 'takenByOthers', 'cameBack', 'cameBackAfter'])
        expect(metric(batch, name)).toBe(metric(single, name));
    },
  );
});

describe('sharing', () => {
  const OWN = { guests: 3, guestMemory: 8, zeros: 0, alike: 25, hypothetical: 1 };
  const share = (own: Readonly<Record<string, number>>): LabRecord =>
    runMemory(workloadOf('oversubscription/sharing'), caseOf('x86-64-2026', 'guest', 'nested'), { ...OWN, ...own });

  it('frees the frames of all guests but one, and a write of each page takes back all but the last', () => {
    const record = share({ written: 100 });
    expect(metric(record, 'saved')).toBeCloseTo(2 * 8 * 0.25, 9);
    expect(metric(record, 'savedAfter')).toBeCloseTo(0, 9);
  });

  it('puts 256 pages of zeros on a frame at most', () => {
    const record = share({ zeros: 25, alike: 0, written: 0 });
    const pages = 3 * Math.floor(2048 * 0.25);
    expect(metric(record, 'saved')).toBeCloseTo(((pages - Math.ceil(pages / 256)) * 4096) / 2 ** 20, 9);
  });
});

it('on demand: a guest without a balloon driver runs out of frames and stops; with one it writes all', () => {
  const run = (balloon: number): LabRecord =>
    runMemory(workloadOf('oversubscription/populate-on-demand'), caseOf('x86-64-2026', 'guest', 'nested'), {
      guestMemory: 16,
      frames: 25,
      workingSet: balloon === 1 ? 15 : 60,
      balloon,
    });
  expect(metric(run(1), 'written')).toBe(100);
  expect(metric(run(0), 'written')).toBeLessThan(60);
});

describe('guests until none fits', () => {
  const OWN = { hostMemory: 40, guestMemory: 8, used: 50 };
  const fit = (way: number): number =>
    metric(
      runMemory(workloadOf('oversubscription/until-it-breaks'), caseOf('x86-64-2026', 'guest', 'nested'), {
        ...OWN,
        way,
      }),
      'guests',
    );

  it('are more the more they give up: none, shared, ballooned or paged out', () => {
    const [none, balloon, share, pageOut] = [0, 1, 2, 3].map(fit);
    expect(none).toBeLessThan(share);
    expect(share).toBeLessThan(balloon);
    expect(pageOut).toBeGreaterThanOrEqual(balloon);
  });
});

describe('guests until none fits, each of which needs all of its memory for a moment', () => {
  const OWN = { hostMemory: 128, guestMemory: 32, used: 50, role: 1 };
  const fit = (model: ModelId, options: ModelOptions = {}, own: Readonly<Record<string, number>> = {}) => {
    const under = caseOf('ia64-2006', 'driver', model, options);
    const record = runMemory(workloadOf('oversubscription/until-it-breaks'), under, { ...OWN, ...own });
    return { guests: metric(record, 'guests'), atPeak: metric(record, 'atPeak') };
  };

  it('under P==M, released: the second one has the frames that the first one wants back', () => {
    expect(fit('direct')).toEqual({ guests: 1, atPeak: 0 });
    expect(fit('direct', {}, { peaks: 0 }).guests).toBeGreaterThan(1);
  });

  it('under P==M, kept: no more than fit whole into the 144 MiB that are left of 256', () => {
    expect(fit('direct', { ballooned: 'kept' })).toEqual({ guests: 4, atPeak: 100 });
  });

  it.each(['p2m', 'insert'] as const)('under %s: as many more as give memory up, and each has its peak', (model) => {
    const { guests, atPeak } = fit(model);
    expect(guests).toBeGreaterThan(4);
    expect(atPeak).toBe(100);
  });

  it('fits more yet where equal pages are shared as well', () => {
    expect(fit('insert', {}, { hypothetical: 1 }).guests).toBeGreaterThan(fit('insert').guests);
  });
});

it('demands out of phase are met with promises of more than there is, and P==M finds no bank for the last ones', () => {
  const run = (model: ModelId): LabRecord =>
    runMemory(workloadOf('oversubscription/out-of-phase'), caseOf('ia64-2006', 'driver', model), {
      role: 1,
      rounds: 1,
    });
  const vp = run('insert');
  expect(metric(vp, 'promised')).toBeGreaterThan(100);
  expect(metric(vp, 'unmet')).toBe(0);
  expect(run('direct').findings.map(({ rule }) => rule)).toEqual(['banks-free']);
});

const KINDS = ['write', 'read', 'equal', 'share', 'out', 'balloon', 'back'] as const;
const PAGES = 12;

it('no page is lost through any order of shares, breaks, page-outs and balloons', () => {
  const step = fc.record({ kind: fc.constantFrom(...KINDS), guest: fc.nat(2), page: fc.nat(PAGES - 1) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const file = caseOf('x86-64-2026', 'guest', 'nested').file;
      const nested = { model: 'nested', options: {} } as const;
      const { lab, record } = labOf({
        title: file.id,
        file,
        roles: { control: nested, driver: nested, guest: nested },
      });
      lab.memory.lay([{ start: 0, size: lab.memory.hypervisorSize + 64 }], 8);
      const host = lab.host('host')!;
      const { overcommit } = lab.memory;
      overcommit.addDisk(host, 1);
      const guests = [0, 1, 2].map((number) => host.build('guest', `guest ${number}`, 2)!);
      for (const { kind, guest, page } of steps) {
        const domain = guests[guest];
        if (kind === 'write' || kind === 'read') domain.touchKernel(page, kind === 'write');
        if (kind === 'equal') overcommit.fill(domain, page, page % 3);
        if (kind === 'share') overcommit.share(guests.map((each) => ({ domain: each, page })));
        if (kind === 'out') overcommit.pageOutKernel(domain, [page]);
        if (kind === 'back') domain.balloonIn();
        if (kind === 'balloon') {
          domain.balloonOut(4);
          domain.balloonIn();
        }
        lab.memory.check(host);
      }
      expect(record.simulation.hosts.flatMap(audit)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});
