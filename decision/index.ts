export { differences, timeByMechanism, totalOf, type Difference } from './attribution/by-part.js';
export { scoreDifferences } from './attribution/score.js';
export { decide } from './decide.js';
export { quantile, sampledDraws, spreadOf } from './spread.js';
export { findFlips } from './flip/find-flips.js';
export { leadOf, standingAt } from './flip/standing.js';
export { analyse } from './table/analyse.js';
export type {
  DecisionTable,
  FigureRange,
  TableAnalysis,
  TableCriterion,
  TableGate,
  TableGroup,
  TableProfile,
  ValueShape,
  Weighting,
} from '../contracts/decision-table.js';
export { compareResults } from './comparison/compare.js';
export { UnlikeResults, type ResultSet } from './comparison/result-set.js';
