export { differences, timeByMechanism, totalOf, type Difference } from './attribution/by-part.js';
export { scoreDifferences } from './attribution/score.js';
export { decide } from './decide.js';
export { quantile, sampledDraws, spreadOf } from './spread.js';
export { findFlips } from './flip/find-flips.js';
export { leadOf, standingsOf } from './flip/standing.js';
export { analyse } from './table/analyse.js';
export type {
  DecisionTable,
  TableAnalysis,
  TableCriterion,
  TableGate,
  TableGroup,
  TableProfile,
} from '../contracts/decision-table.js';
export type { ValueShape } from '../contracts/value-shape.js';
export type { FigureRange, Weighting } from '../contracts/weighting.js';
export { whyNotDefined } from './methods/not-defined.js';
export { narrowing } from './information/narrowing.js';
export { compareResults } from './comparison/compare.js';
export { UnlikeResults, type ResultSet } from './comparison/result-set.js';
