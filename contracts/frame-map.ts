/** Who has the memory of a host at one moment, in cells of as many frames as a picture shows as one. Types only. */

/** What frames are there for. `near` and `far`: a domain's, on the node of the thread that uses them or on another. */
export type FrameMapUse =
  | 'domain'
  | 'near'
  | 'far'
  | 'shared'
  | 'hypervisor'
  | 'tables'
  | 'domain tables'
  | 'free'
  | 'offline';

export interface FrameMapOwner {
  readonly use: FrameMapUse;
  /** The domain's, or what the use is called. */
  readonly name: string;
}

/**
 * Cells that follow each other and are alike: how many, the owner of more than half of the frames of each, or −1 where nobody has so many,
 * and who has most of the rest, or −1 where nobody has, or where no owner stands out.
 */
export type FrameMapCells = readonly [cells: number, owner: number, rest: number];

/** A bank of memory, in cells in ascending order. The last cell may have fewer frames than the others. */
export interface FrameMapBank {
  /** The first frame by number, and how many there are. */
  readonly first: number;
  readonly frames: number;
  /** Null where the host has no nodes. */
  readonly node: number | null;
  /** Frames of each owner, in the order of the map's owners. They sum to `frames`. */
  readonly counts: readonly number[];
  readonly cells: readonly FrameMapCells[];
}

export interface RunFrameMap {
  /** When it was, in a word or two, e.g. `before`. */
  readonly moment: string;
  readonly pageBytes: number;
  readonly cellFrames: number;
  readonly owners: readonly FrameMapOwner[];
  readonly banks: readonly FrameMapBank[];
}
