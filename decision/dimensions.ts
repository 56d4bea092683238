import { PRIMES, haltonDimension, latinHypercube, streamName } from '../sampling/index.js';

/** Gives the points of a dimension of the samples by its name: the same points for the same name. */
export type Dimension = (...name: readonly string[]) => Float64Array;

/**
 * Dimensions of a scrambled Halton sequence, the smallest bases to the names that come first. Beyond the last base a dimension is one of a Latin
 * hypercube. A name that is not among `names` is a fault of the caller.
 */
export const haltonDimensions = (seed: number, samples: number, names: readonly (readonly string[])[]): Dimension => {
  const places = new Map(names.map((name, place) => [streamName(...name), place]));
  return (...ids) => {
    const name = streamName(...ids);
    const place = places.get(name);
    if (place === undefined) throw new Error(`no dimension of the samples is called ${name}`);
    const base = PRIMES[place] as number | undefined;
    return base === undefined ? latinHypercube(seed, name, samples) : haltonDimension(seed, name, base, samples);
  };
};
