import type { Study } from '../contracts/study.js';
import type { RunManifest, RunResult } from '../contracts/run.js';
import type { Decision } from '../contracts/decision.js';
import type { FlipAnalysis } from '../contracts/flip.js';
import type { SweepResult } from '../contracts/sweep.js';

/** All that a report is made of. */
export interface ReportInput {
  readonly study: Study;
  readonly manifest: RunManifest;
  readonly runs: readonly RunResult[];
  readonly decision: Decision;
  /** In the order of the study's sweeps; none where it has none. */
  readonly sweeps?: readonly SweepResult[];
  /** Where there are any: flip points are searched apart from the runs. */
  readonly flips?: FlipAnalysis;
}

/** Titles by id; an id without a title stands for itself. */
export interface Names {
  readonly alternative: (id: string) => string;
  readonly short: (id: string) => string;
  readonly workload: (id: string) => string;
  readonly profile: (id: string) => string;
  readonly criterion: (id: string) => string;
}

/** Looks up the titles that the study and the manifest give. */
export function namesOf({ study, manifest }: Pick<ReportInput, 'study' | 'manifest'>): Names {
  const titles = (items: readonly { readonly id: string; readonly title: string }[]) => {
    const byId = new Map(items.map((item) => [item.id, item.title]));
    return (id: string): string => byId.get(id) ?? id;
  };
  return {
    alternative: titles(study.alternatives),
    short: titles(study.alternatives.map((each) => ({ id: each.id, title: each.short }))),
    workload: titles(manifest.workloads),
    profile: titles(study.profiles),
    criterion: titles(study.criteria),
  };
}

/** A name usable as an id on the page and in a file name. */
export function anchorOf(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Gives each of the ids an anchor of its own, in the order given. */
export function anchorsOf(prefix: string, ids: readonly string[]): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>();
  const taken = new Set<string>();
  for (const id of ids) {
    const base = anchorOf(prefix, id);
    let anchor = base;
    for (let n = 2; taken.has(anchor); n++) anchor = `${base}-${n}`;
    taken.add(anchor);
    anchors.set(id, anchor);
  }
  return anchors;
}
