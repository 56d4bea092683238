/** A rule of the memory models that the state breaks, and where. */
export interface Violation {
  readonly rule:
    | 'ownership'
    | 'identity'
    | 'reach'
    | 'second stage'
    | 'twins'
    | 'counts'
    | 'grants'
    | 'coherence'
    | 'contents'
    | 'conservation'
    | 'overcommit'
    | 'nodes';
  readonly detail: string;
}
