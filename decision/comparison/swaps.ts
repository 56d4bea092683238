import type { DifferenceKind } from '../../contracts/comparison.js';
import type { Criterion, Study } from '../../contracts/study.js';
import type { ValueShape } from '../../contracts/value-shape.js';
import { textOf, type ResultSet } from './result-set.js';
import { weightLines } from './weight-lines.js';
import { changedFiles, runCauses, workloadDifference } from './run-causes.js';

/** One difference, and how to carry it from one set to the other. */
export interface Swap {
  readonly id: string;
  readonly kind: DifferenceKind;
  readonly subject: string;
  readonly details: readonly string[];
  /** `into` with this part of `from`. */
  readonly apply: (into: ResultSet, from: ResultSet) => ResultSet;
}

type Part = 'value' | 'judgements';

/** Everything that differs between two sets and that a decision depends on, each with the way to swap it alone. */
export function swapsBetween(a: ResultSet, b: ResultSet): readonly Swap[] {
  return [
    ...profileSwaps(a.study, b.study),
    ...criterionSwaps(a.study, b.study),
    ...studySwaps(a.study, b.study),
    ...runSwaps(a, b),
  ];
}

function inStudy(change: (into: Study, from: Study) => Partial<Study>): Swap['apply'] {
  return (into, from) => ({ ...into, study: { ...into.study, ...change(into.study, from.study) } });
}

function profileSwaps(a: Study, b: Study): readonly Swap[] {
  const swaps: Swap[] = [];
  for (const profile of a.profiles) {
    const other = b.profiles.find(({ id }) => id === profile.id);
    if (other === undefined) continue;
    const details = weightLines(profile, other);
    if (details.length === 0) continue;
    swaps.push({
      id: `weights ${profile.id}`,
      kind: 'weights',
      subject: profile.id,
      details,
      apply: inStudy((into, from) => ({
        profiles: into.profiles.map((each) =>
          each.id === profile.id ? from.profiles.find(({ id }) => id === each.id)! : each,
        ),
      })),
    });
  }
  if (a.defaultProfile !== b.defaultProfile) {
    swaps.push({
      id: 'profile',
      kind: 'profile',
      subject: '',
      details: [`${a.defaultProfile}, then ${b.defaultProfile}`],
      apply: inStudy((_, { defaultProfile }) => ({ defaultProfile })),
    });
  }
  return swaps;
}

function criterionSwaps(a: Study, b: Study): readonly Swap[] {
  return a.criteria.flatMap((criterion) => {
    const other = b.criteria.find(({ id }) => id === criterion.id)!;
    return (['value', 'judgements'] as const).flatMap((part): readonly Swap[] => {
      if (textOf(partOf(criterion, part)) === textOf(partOf(other, part))) return [];
      const kind = part === 'value' ? 'value function' : 'judgement';
      return [
        {
          id: `${kind} ${criterion.id}`,
          kind,
          subject: criterion.id,
          details: changeOf(criterion, other, part),
          apply: inStudy((into, from) => ({
            criteria: into.criteria.map((each) => {
              if (each.id !== criterion.id) return each;
              return {
                ...each,
                [part]: partOf(
                  from.criteria.find(({ id }) => id === each.id)!,
                  part,
                ),
              };
            }),
          })),
        },
      ];
    });
  });
}

/** What a decision takes from a part of a criterion: figures, and no reasons. */
function partOf(criterion: Criterion, part: Part): unknown {
  if (part === 'value') return 'value' in criterion ? criterion.value : null;
  if (criterion.kind !== 'judged') return null;
  return Object.fromEntries(
    Object.entries(criterion.judgements).map(([id, { low, likely, high }]) => [
      id,
      { low, likely, high, rationale: '', source: '' },
    ]),
  );
}

function changeOf(a: Criterion, b: Criterion, part: Part): readonly string[] {
  if (part === 'value') {
    const text = (each: Criterion): string => ('value' in each ? shapeText(each.value) : 'none');
    return [`${text(a)}; then ${text(b)}`];
  }
  if (a.kind !== 'judged' || b.kind !== 'judged') return [];
  return Object.entries(a.judgements).flatMap(([id, was]) => {
    const is = b.judgements[id];
    const text = (range: typeof was): string => `${range.likely} (${range.low} to ${range.high})`;
    return text(was) === text(is) ? [] : [`${id}: ${text(was)}, then ${text(is)}`];
  });
}

function shapeText(value: ValueShape): string {
  if (value.kind === 'piecewise') return value.points.map(({ at, value: reached }) => `${reached} at ${at}`).join(', ');
  const end = (at: number | null): string => (at === null ? 'from the data' : String(at));
  const half = value.kind === 'exponential' ? `, half at ${value.half}` : '';
  return `${value.kind}, worst ${end(value.worst)}, best ${end(value.best)}${half}, ${value.better} is better`;
}

function studySwaps(a: Study, b: Study): readonly Swap[] {
  const gatesOf = ({ gates }: Study): string =>
    textOf(Object.fromEntries(gates.map(({ id, workload, operation }) => [id, [workload, operation]])));
  const swaps: Swap[] = [];
  if (gatesOf(a) !== gatesOf(b)) {
    const ids = (study: Study): string => study.gates.map(({ id }) => id).join(', ') || 'none';
    swaps.push({
      id: 'gates',
      kind: 'gates',
      subject: '',
      details: [`${ids(a)}; then ${ids(b)}`],
      apply: inStudy((_, { gates }) => ({ gates })),
    });
  }
  if (a.seed !== b.seed) {
    swaps.push({
      id: 'seed',
      kind: 'seed',
      subject: '',
      details: [`${a.seed}, then ${b.seed}`],
      apply: inStudy((_, { seed }) => ({ seed })),
    });
  }
  if (a.samples !== b.samples) {
    swaps.push({
      id: 'samples',
      kind: 'samples',
      subject: '',
      details: [`${a.samples}, then ${b.samples}`],
      apply: inStudy((_, { samples }) => ({ samples })),
    });
  }
  return swaps;
}

/** The runs of each workload alone; all together where the numbers of draws differ, since a sample takes one draw of all. */
function runSwaps(a: ResultSet, b: ResultSet): readonly Swap[] {
  const causes = [...runCauses(a, b), ...changedFiles(a, b, a.study.id).map((name) => `the file ${name}`)];
  const used = new Set(
    [...a.study.criteria, ...a.study.gates, ...b.study.gates].flatMap((each) =>
      'workload' in each ? [each.workload] : [],
    ),
  );
  const differing = [...used].flatMap((workload) => {
    const own = workloadDifference(a, b, workload);
    return own === null ? [] : [{ workload, own }];
  });
  if (a.study.draws !== b.study.draws)
    return [
      {
        id: 'runs',
        kind: 'runs',
        subject: '',
        details: [...differing.flatMap(({ workload, own }) => own.map((line) => `${workload}: ${line}`)), ...causes],
        apply: (into, from) => ({ ...into, runs: from.runs, study: { ...into.study, draws: from.study.draws } }),
      },
    ];
  return differing.map(({ workload, own }) => ({
    id: `runs ${workload}`,
    kind: 'runs',
    subject: workload,
    details: [...own, ...causes],
    apply: (into, from) => ({
      ...into,
      runs: [
        ...into.runs.filter((run) => run.workload !== workload),
        ...from.runs.filter((run) => run.workload === workload),
      ],
    }),
  }));
}
