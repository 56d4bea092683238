import type { Study } from '../contracts/study.js';
import { measuredFigure } from './draw-outcome.js';
import type { RunIndex } from './run-index.js';
import { type Extent, type Scale, needsFigures, scaleOf } from './value-shape.js';

/** The scale of each criterion by id; a capability has none. */
export type Scales = ReadonlyMap<string, Scale>;

/**
 * The scales of a study. An end from the data is the worst or best figure of any alternative: in any draw of the engine for a measured criterion,
 * anywhere in its ranges for a judged one.
 */
export function scalesOf(study: Study, runs: RunIndex): Scales {
  const scales = new Map<string, Scale>();
  for (const criterion of study.criteria) {
    if (criterion.kind === 'capability') continue;
    const extents = (): readonly Extent[] =>
      criterion.kind === 'judged'
        ? study.alternatives.map(({ id }) => criterion.judgements[id])
        : study.alternatives.flatMap(({ id }) =>
            Array.from(
              { length: study.draws },
              (_, draw) => measuredFigure(criterion, runs(id, criterion.workload, draw)).raw,
            ).flatMap((raw) => (raw === null ? [] : [{ low: raw, high: raw }])),
          );
    scales.set(criterion.id, scaleOf(criterion.value, needsFigures(criterion.value) ? extents() : []));
  }
  return scales;
}
