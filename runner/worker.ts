import { executeRun } from './execute-run.js';

/** What a worker of the pool runs, once for each task. */
export default executeRun;
