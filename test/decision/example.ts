import type { RunFinding, RunResult } from '../../contracts/run.js';
import type { Criterion, Gate, JudgedRange, Profile, Study } from '../../contracts/study.js';
import type { ValueFunction, ValueShape } from '../../contracts/value-shape.js';

/** A study in which only the parts that a test states matter. Each alternative and criterion is given by its id. */
export function studyOf(parts: {
  readonly alternatives: readonly string[];
  readonly criteria: readonly Criterion[];
  /** Points by criterion for each profile, in the order of `criteria`. */
  readonly points: Readonly<Record<string, readonly number[]>>;
  readonly spread?: number;
  readonly gates?: readonly Gate[];
  readonly draws?: number;
  readonly samples?: number;
  readonly seed?: number;
}): Study {
  const profiles = Object.entries(parts.points).map(([id, points]): Profile => ({
    id,
    title: id,
    rationale: 'test',
    weights: {
      kind: 'points',
      points: Object.fromEntries(parts.criteria.map((c, i) => [c.id, points[i]])),
      spread: parts.spread ?? 0,
    },
    reasons: {},
  }));
  return {
    id: 'example',
    title: 'Example',
    question: 'Which?',
    description: '',
    platform: 'none',
    baseline: parts.alternatives[0] ?? '',
    seed: parts.seed ?? 1,
    draws: parts.draws ?? 1,
    samples: parts.samples ?? 100,
    alternatives: parts.alternatives.map((id) => ({ id, title: id, short: id, description: '', roles: {} })),
    workloads: [],
    gates: parts.gates ?? [],
    criteria: parts.criteria,
    profiles,
    defaultProfile: profiles[0]?.id ?? '',
  };
}

export function measured(
  id: string,
  given: ValueFunction | ValueShape = unitPoints,
  workload = 'suite/load',
): Criterion {
  const value: ValueShape = 'kind' in given ? given : { kind: 'piecewise', points: given };
  return { kind: 'measured', id, title: id, description: '', group: [], workload, metric: id, unit: 'ms', value };
}

export function capability(id: string, operation: string, workload = 'suite/load'): Criterion {
  return { kind: 'capability', id, title: id, description: '', group: [], workload, operation };
}

export function judged(
  id: string,
  ranges: Readonly<Record<string, readonly [number, number, number]>>,
  value: ValueShape = { kind: 'piecewise', points: unitPoints },
): Criterion {
  const judgements = Object.fromEntries(
    Object.entries(ranges).map(([alternative, [low, likely, high]]): [string, JudgedRange] => [
      alternative,
      { low, likely, high, rationale: 'test', source: 'judgement' },
    ]),
  );
  return { kind: 'judged', id, title: id, description: '', group: [], unit: 'points', value, judgements };
}

export function gate(operation: string, workload = 'suite/load'): Gate {
  return { id: `gate-${operation}`, title: operation, workload, operation, rationale: 'test' };
}

export function finding(operation: string, detail = 'frame 5 is taken'): RunFinding {
  return { operation, model: 'direct', rule: 'same-frames-free', detail };
}

/** A run with the given metrics, in ms. */
export function runOf(
  alternative: string,
  metrics: Readonly<Record<string, number>>,
  rest: Partial<Pick<RunResult, 'draw' | 'findings' | 'failure' | 'workload' | 'study'>> = {},
): RunResult {
  const entries = Object.entries(metrics).map(
    ([name, value]) => [name, { value, unit: 'ms', better: 'higher', title: name }] as const,
  );
  return {
    key: `${alternative} ${rest.draw ?? 0}`,
    study: 'example',
    alternative,
    workload: 'suite/load',
    parameters: {},
    seed: 1,
    draw: 0,
    metrics: Object.fromEntries(entries),
    series: {},
    findings: [],
    ledger: [],
    failure: null,
    engineVersion: '0',
    ...rest,
  };
}

/** The figure itself, between 0 and 1. */
export const unitPoints: ValueFunction = [
  { at: 0, value: 0 },
  { at: 1, value: 1 },
];
