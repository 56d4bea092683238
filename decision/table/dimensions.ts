import type { DecisionTable, FigureRange, TableProfile } from '../../contracts/decision-table.js';
import { PRIMES, haltonDimension, latinHypercube, streamName } from '../../sampling/index.js';
import { groupsOf, leavesOf } from './tree.js';
import { type Dimension, drawnMembers } from './weights.js';

export const isExact = (figure: FigureRange): boolean => figure.low === figure.high;

/**
 * The dimensions of a table's samples. Uncertain figures take the smallest bases, in alphabetical order of their names, then the weights of each
 * profile, all profiles from the same base on, since no sample uses two. Beyond the last base a dimension is one of a Latin hypercube.
 */
export const dimensionsOf = (table: DecisionTable, profile: TableProfile | null): Dimension => {
  const { seed, samples } = table;
  const figures = figureNames(table);
  const names = profile === null ? figures : [...figures, ...weightNames(table, profile)];
  const places = new Map(names.map((name, place) => [name, place]));
  return (...ids) => {
    const name = streamName(...ids);
    const base = PRIMES[places.get(name)!] as number | undefined;
    return base === undefined ? latinHypercube(seed, name, samples) : haltonDimension(seed, name, base, samples);
  };
};

const figureNames = ({ criteria, alternatives }: DecisionTable): readonly string[] =>
  leavesOf(criteria)
    .flatMap(({ criterion }) =>
      alternatives.flatMap(({ id }) => {
        const figure = criterion.figures[id];
        return figure === null || isExact(figure) ? [] : [streamName('figure', criterion.id, id)];
      }),
    )
    .toSorted();

const weightNames = ({ criteria }: DecisionTable, profile: TableProfile): readonly string[] => {
  const ofGroups = groupsOf(criteria).flatMap((group) =>
    drawnMembers(
      profile.within[group.id],
      group.criteria.map(({ id }) => id),
    ).map((id) => streamName('weight', profile.id, group.id, id)),
  );
  const ofTop = drawnMembers(
    profile.weights,
    criteria.map(({ id }) => id),
  ).map((id) => streamName('weight', profile.id, id));
  return [...ofTop, ...ofGroups].toSorted();
};
