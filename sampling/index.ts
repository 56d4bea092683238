export { type Axis, gridOf, scaleOf, shareOf, valueAt, valueBetween } from './axis.js';
export { PRIMES, haltonDimension } from './halton.js';
export { latinHypercube } from './latin-hypercube.js';
export { splitLogUniform } from './split-log-uniform.js';
export { streamName } from './stream.js';
export { triangular } from './triangular.js';
