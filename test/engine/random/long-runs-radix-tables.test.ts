import { describe } from 'vitest';
import { longRunsOn } from './long-runs.js';

describe('random operations on radix tables, against the slow reference and audited every thousand', () =>
  longRunsOn('radix tables'));
