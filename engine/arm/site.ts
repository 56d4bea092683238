import type { Domain } from '../domain/domain.js';
import type { MemoryModel } from '../models/model.js';
import type { FrameRange } from './boot-memory.js';
import type { SecondStage } from '../paging/second-stage.js';
import type { ZonedHeap } from './zoned-heap.js';
import type { Mfn, Pfn } from '../host/frame-number.js';

/** What a direct-mapped domain on Arm has beside the operations of every model. */
export interface ArmDirectModel extends MemoryModel {
  readonly secondStage: SecondStage;
  /** Maps a device's window at its own address. */
  mapDevice(first: number, pages: number): void;
  mapHypervisorFrame(pfn: Pfn, mfn: Mfn): boolean;
}

/** What the direct-mapped domains of one Arm host share. */
export interface ArmSite {
  readonly heap: ZonedHeap;
  /** The domain that is placed from the heap; every other direct-mapped one needs static memory. */
  readonly controlDomain: string;
  /** Frames that boot kept for direct-mapped guests, by name. */
  readonly staticMemory: ReadonlyMap<string, readonly FrameRange[]>;
  readonly models: Map<Domain, ArmDirectModel>;
}
