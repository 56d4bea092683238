import { describe } from 'vitest';
import { longRunsOn } from './long-runs.js';

describe('random operations of P==M behind an identity second stage, against the slow reference and audited every thousand', () =>
  longRunsOn('radix tables behind an identity stage'));
