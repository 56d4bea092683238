export { decide } from './decide.js';
export { quantile, sampledDraws, spreadOf } from './spread.js';
