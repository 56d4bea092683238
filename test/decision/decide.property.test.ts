import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CriterionOutcome, Decision, ProfileOutcome } from '../../contracts/decision.js';
import type { RunResult } from '../../contracts/run.js';
import type { Criterion, Study } from '../../contracts/study.js';
import { decide } from '../../decision/index.js';
import { finding, gate, judged, measured, runOf, studyOf } from './example.js';

const draws = 3;
const samples = 64;

interface Example {
  readonly study: Study;
  readonly runs: readonly RunResult[];
}

/** Points that sum to 100, from parts of any size. */
function pointsFrom(parts: readonly number[]): readonly number[] {
  const total = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => (100 * part) / total);
}

const share = fc.integer({ min: 0, max: 20 }).map((x) => x / 20);
const range = fc.tuple(share, share, share).map((three) => three.sort((a, b) => a - b));

/** Two measured criteria, x and y, and one judged, with ties, refusals and failures among them. */
const example: fc.Arbitrary<Example> = fc.integer({ min: 1, max: 4 }).chain((count) => {
  const alternatives = Array.from({ length: count }, (_, i) => `alternative-${i}`);
  const run = fc.record({ x: share, y: share, luck: fc.integer({ min: 0, max: 9 }) });
  return fc
    .record({
      parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
      spread: share,
      seed: fc.integer(),
      gated: fc.boolean(),
      ranges: fc.array(range, { minLength: count, maxLength: count }),
      runs: fc.array(run, { minLength: count * draws, maxLength: count * draws }),
    })
    .map(({ parts, spread, seed, gated, ranges, runs }) => ({
      study: studyOf({
        alternatives,
        criteria: [
          measured('x'),
          measured('y'),
          judged('z', Object.fromEntries(alternatives.map((id, i) => [id, ranges[i]]))),
        ],
        points: { one: pointsFrom(parts), two: pointsFrom(parts.toReversed()) },
        gates: gated ? [gate('migrate')] : [],
        spread,
        seed,
        draws,
        samples,
      }),
      runs: runs.map(({ x, y, luck }, i) =>
        runOf(alternatives[Math.floor(i / draws)], luck === 0 ? { x } : { x, y }, {
          draw: i % draws,
          findings: luck <= 1 ? [finding('migrate')] : [],
          failure: luck === 2 ? 'failed' : null,
        }),
      ),
    }));
});

const everyProfile = ({ study, runs }: Example) => decide(study, runs).profiles;
const total = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

test('scores lie in 0 to 1, quantiles ascend, and the ranks of each eligible alternative sum to 1', () => {
  fc.assert(
    fc.property(example, (given) => {
      for (const { alternatives } of everyProfile(given)) {
        for (const { score, ranks, eligible } of alternatives) {
          for (const figure of Object.values(score)) {
            expect(figure).toBeGreaterThanOrEqual(0);
            expect(figure).toBeLessThanOrEqual(1);
          }
          expect(score.p5).toBeLessThanOrEqual(score.p50);
          expect(score.p50).toBeLessThanOrEqual(score.p95);
          if (eligible) expect(total(ranks!)).toBeCloseTo(1, 12);
          else expect(ranks).toBeNull();
        }
      }
    }),
  );
});

test('odds sum to one over the eligible, and so do the weights of each profile', () => {
  fc.assert(
    fc.property(example, (given) => {
      for (const { alternatives, weights } of everyProfile(given)) {
        const firsts = alternatives.flatMap(({ ranks }) => (ranks === null ? [] : [ranks[0]]));
        if (firsts.length > 0) expect(total(firsts)).toBeCloseTo(1, 12);
        expect(total(weights.map(({ weight }) => weight))).toBeCloseTo(1, 12);
      }
    }),
  );
});

test('another unit of a metric, with the ends of its value function, changes nothing', () => {
  const free = fc.boolean();
  fc.assert(
    fc.property(example, free, fc.constantFrom(0.5, 4, 1024), ({ study, runs }, fromData, factor) => {
      const inUnit = (times: number): Decision => {
        const [, ...others] = study.criteria;
        const ends = fromData ? { worst: null, best: null } : { worst: 0, best: times };
        const criteria = [measured('x', { kind: 'linear', better: 'higher', ...ends }), ...others];
        const scaled = runs.map((run) => {
          const { x } = run.metrics;
          return x === undefined ? run : { ...run, metrics: { ...run.metrics, x: { ...x, value: x.value * times } } };
        });
        return decide({ ...study, criteria }, scaled);
      };
      const [one, other] = [inUnit(1), inUnit(factor)].map(({ profiles, criteria }) => ({
        values: criteria.map(({ cells }) => cells.map(({ value }) => value)),
        verdicts: profiles.map(({ analysis, ...verdict }) => ({ verdict, tornado: analysis?.tornado })),
      }));
      expect(other).toEqual(one);
    }),
  );
});

test('the winner is eligible and no eligible alternative is first more often', () => {
  fc.assert(
    fc.property(example, (given) => {
      for (const { winner, odds, alternatives } of everyProfile(given)) {
        const firsts = alternatives
          .filter(({ eligible }) => eligible)
          .map((a) => ({ id: a.alternative, first: a.ranks![0] }));
        if (winner === null) expect(firsts).toEqual([]);
        else {
          expect(firsts.find(({ id }) => id === winner)?.first).toBe(odds);
          expect(Math.max(...firsts.map(({ first }) => first))).toBe(odds);
        }
      }
    }),
  );
});

test('raising a figure of one alternative lowers none of its scores and nobody else’s score changes', () => {
  fc.assert(
    fc.property(example, fc.nat(), share, ({ study, runs }, pick, gain) => {
      const chosen = runs[pick % runs.length];
      const better = runs.map((run) => {
        const { x } = run.metrics;
        if (run !== chosen || x === undefined) return run;
        return { ...run, metrics: { ...run.metrics, x: { ...x, value: x.value + gain } } };
      });
      const after = decide(study, better).profiles;
      decide(study, runs).profiles.forEach((before, p) =>
        before.alternatives.forEach(({ alternative, score }, a) => {
          const now = after[p].alternatives[a].score;
          if (alternative === chosen.alternative) {
            for (const key of ['nominal', 'p5', 'p50', 'p95'] as const)
              expect(now[key]).toBeGreaterThanOrEqual(score[key]);
          } else expect(now).toEqual(score);
        }),
      );
    }),
  );
});

test('an alternative that another one beats on every criterion in every draw is never first', () => {
  const below = fc.double({ min: 0, max: 0.98, noNaN: true });
  const row = fc.tuple(below, below);
  fc.assert(
    fc.property(fc.array(row, { minLength: draws, maxLength: draws }), share, (rows, spread) => {
      const study = studyOf({
        alternatives: ['loser', 'winner', 'other'],
        criteria: [measured('x'), measured('y')],
        points: { one: [50, 50], two: [100, 0] },
        spread,
        draws,
        samples,
      });
      const runs = rows.flatMap(([x, y], draw) => [
        runOf('loser', { x, y }, { draw }),
        runOf('winner', { x: x + 0.01, y: y + 0.01 }, { draw }),
        runOf('other', { x: y, y: x }, { draw }),
      ]);
      for (const { alternatives } of decide(study, runs).profiles) {
        expect(alternatives.find(({ alternative }) => alternative === 'loser')!.ranks![0]).toBe(0);
      }
    }),
  );
});

/** A copy of a list in the order of its items' ids. */
function sorted<T>(list: readonly T[], ...ids: readonly (keyof T)[]): readonly T[] {
  const name = (item: T): string => ids.map((id) => String(item[id])).join(' ');
  return list.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

function orderedCriterion(outcome: CriterionOutcome): CriterionOutcome {
  return { ...outcome, cells: sorted(outcome.cells, 'alternative') };
}

function orderedProfile(outcome: ProfileOutcome): ProfileOutcome {
  return {
    ...outcome,
    alternatives: sorted(outcome.alternatives, 'alternative'),
    contributions: sorted(outcome.contributions, 'alternative', 'criterion'),
  };
}

/** The decision with its lists in the order of their ids. */
function ordered(decision: Decision): Decision {
  return {
    ...decision,
    criteria: sorted(decision.criteria, 'criterion').map(orderedCriterion),
    gates: sorted(decision.gates, 'gate', 'alternative'),
    profiles: sorted(decision.profiles, 'profile').map(orderedProfile),
  };
}

test('the order of alternatives, criteria, profiles and runs changes no figure', () => {
  const shuffled = example.chain(({ study, runs }) => {
    const whole = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
    return fc.record({
      given: fc.constant({ study, runs }),
      alternatives: whole(study.alternatives),
      criteria: whole<Criterion>(study.criteria),
      profiles: whole(study.profiles),
      runs: whole(runs),
    });
  });
  fc.assert(
    fc.property(shuffled, ({ given, alternatives, criteria, profiles, runs }) => {
      const { study } = given;
      const other = decide({ ...study, alternatives, criteria, profiles }, runs);
      expect(ordered(other)).toEqual(ordered(decide(study, given.runs)));
    }),
  );
});

test('titles and descriptions change nothing', () => {
  fc.assert(
    fc.property(example, fc.string(), ({ study, runs }, text) => {
      const renamed = {
        ...study,
        title: text,
        alternatives: study.alternatives.map((a) => ({ ...a, title: text, short: text, description: text })),
        criteria: study.criteria.map((c) => ({ ...c, title: text, description: text, group: [text] })),
      };
      expect(decide(renamed, runs)).toEqual(decide(study, runs));
    }),
  );
});

test('a profile or an alternative more leaves the scores of the others as they were', () => {
  fc.assert(
    fc.property(example, ({ study, runs }) => {
      const fewer = {
        ...study,
        alternatives: study.alternatives.slice(0, 1),
        profiles: study.profiles.slice(1),
      };
      const [alone] = decide(fewer, runs).profiles;
      expect(alone.alternatives[0].score).toEqual(decide(study, runs).profiles[1].alternatives[0].score);
    }),
  );
});
