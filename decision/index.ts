export { decide } from './decide.js';
export { quantile, sampledDraws, spreadOf } from './spread.js';
export { scaleOf } from './flip/axis.js';
export { findFlips } from './flip/find-flips.js';
export { standingAt } from './flip/standing.js';
