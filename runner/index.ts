/** The public face of the runner. */
export { type RunOptions, type RunOutcome, type StudyInputs, type StudyRuns, loadRuns, runStudy } from './run-study.js';
export { type FlipRuns, flipBasis, openFlipRuns } from './flip-runs.js';
export { ENGINE_NAMES } from './engine-names.js';
export { type LoadedWorkload, loadWorkloads } from './workload-files.js';
