/** What a model may refuse. */
export const OPERATIONS = [
  'build',
  'access',
  'insert',
  'map foreign',
  'grant',
  'map grant',
  'copy grant',
  'transfer',
  'balloon out',
  'balloon in',
  'log dirty',
  'migrate',
  'save',
  'restore',
  'destroy',
  'assign device',
  'map for DMA',
  'DMA',
  'exchange',
  'relocate',
  'offline page',
  'add memory',
  'remove memory',
  'share',
  'page out',
  'populate on demand',
  'restart',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What a model refuses: data, not an exception. */
export interface Finding {
  readonly operation: Operation;
  readonly model: string;
  /** Stable id of the rule that refused it. */
  readonly rule: string;
  /** Which frame or domain, in a sentence. */
  readonly detail: string;
}

/** Tells a refusal from a result. */
export const isFinding = (result: unknown): result is Finding =>
  typeof result === 'object' && result !== null && 'rule' in result;
