import { describe } from 'vitest';
import { longRunsOn } from './long-runs.js';

describe('random operations on ia64, against the slow reference and audited every thousand', () => longRunsOn('ia64'));
