import { readCases } from './cases.js';
import { PREDICTIONS } from './predictions/index.js';
import { type ScoredCase, validate } from './validate.js';

export { toDocument } from './summary.js';
export { validationTable } from './table.js';

/** Scores the engine against every figure of the data files. Takes a few seconds. */
export const scoreEngine = (): readonly ScoredCase[] => validate(readCases(), PREDICTIONS);
