import type { Finding } from '../finding.js';

/**
 * Work in steps on virtual time. It yields the moment at which its next step is due and is resumed when that has come,
 * with null, or with the reason why it has to be given up now.
 */
export type Steps<Result> = Generator<number, Result, Finding | null>;
