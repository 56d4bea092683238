/** The guest's memory as the shadow code sees it. Frames are machine frames but where it says guest frame. */
export interface GuestMemory {
  /** Entries of the guest's table in a frame; undefined when it holds none. */
  entriesAt(frame: number): Uint32Array | undefined;
  /** The machine frame at a guest frame, or `NO_FRAME`. */
  machineFrame(guestFrame: number): number;
  /** Gives a guest frame memory that it has without a machine frame, if so. False when there is none to give. */
  bringBack(guestFrame: number): boolean;
  /** The guest frame that a machine frame is, or `NO_FRAME`. */
  guestFrame(frame: number): number;
  /** Whether the guest may write to the frame: one of another domain may have been given for reading only. */
  mayWrite(frame: number): boolean;
  /** The page where the guest's kernel is likely to map a guest frame of its own. */
  likelyPage(guestFrame: number): number;
  /** Whether a write to the frame has yet to be logged, so that it must fault. */
  awaitsWrite(frame: number): boolean;
  /** The guest wrote to the frame. */
  wrote(frame: number): void;
}
