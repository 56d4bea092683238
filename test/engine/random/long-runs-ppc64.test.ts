import { describe } from 'vitest';
import { longRunsOn } from './long-runs.js';

describe('random operations on ppc64, against the slow reference and audited every thousand', () =>
  longRunsOn('ppc64'));
