export type CheckpointFault =
  /** No checkpoint at all. */
  | 'magic'
  /** Written by another version of the format. */
  | 'version'
  | 'truncated'
  /** Its bytes are not those that were written. */
  | 'damaged'
  /** Of another simulated platform, or from a machine of another byte order. */
  | 'platform'
  /** A field is missing, left over, or of another kind than the engine's. */
  | 'field';

/** Why a checkpoint cannot be restored. */
export class CheckpointError extends Error {
  readonly fault: CheckpointFault;

  constructor(fault: CheckpointFault, message: string) {
    super(message);
    this.name = 'CheckpointError';
    this.fault = fault;
  }
}
