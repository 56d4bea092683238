import type { Checkpointed } from '../checkpoint/archive.js';
import type { Finding, Operation } from '../finding.js';
import type { Mfn, Pfn } from '../host/frame-number.js';
import type { Overcommit } from './overcommit.js';
import type { ShadowState } from '../shadow/shadow-state.js';
import type { SecondStage } from '../paging/second-stage.js';

export type ModelId = 'direct' | 'p2m' | 'insert' | 'shadow' | 'nested';

export interface ModelOptions {
  /** VP: the p2m is mapped read-only into the guest. */
  readonly exposedP2m?: boolean;
  /** P==M: `trusted` may insert any machine frame; `restricted` only its own and those it was given. */
  readonly access?: 'trusted' | 'restricted';
  /**
   * P==M: a frame that is ballooned out goes back to the heap, or stays the domain's. Xen on Arm keeps it, which is the default of a
   * board; elsewhere it is released unless asked otherwise.
   */
  readonly ballooned?: 'released' | 'kept';
  /**
   * VP by nested tables: whether the tools ask for memory in extents of a large page, or the hypervisor builds the guest by itself and takes
   * the largest chunks that its heap has. Xen on Arm does the latter for guests of its device tree.
   */
  readonly memoryFrom?: 'tools' | 'hypervisor';
  /** VP by nested tables: writes are logged by write protection, or by hardware that logs pages whose dirty flag it sets. */
  readonly dirtyLog?: 'write protection' | 'hardware';
}

/** The names of the models in words. */
export const MODEL_TITLES: Readonly<Record<ModelId, string>> = {
  direct: 'P==M',
  p2m: 'P2M',
  insert: 'VP by insert',
  shadow: 'VP by shadow',
  nested: 'VP by nested tables',
};

/** The options of each model, and the values that they may have. */
export const MODEL_OPTIONS: Readonly<Record<ModelId, Readonly<Record<string, readonly (string | boolean)[]>>>> = {
  direct: { access: ['trusted', 'restricted'], ballooned: ['released', 'kept'] },
  p2m: {},
  insert: { exposedP2m: [false, true] },
  shadow: { exposedP2m: [false, true] },
  nested: { exposedP2m: [false, true], dirtyLog: ['write protection', 'hardware'] },
};

/** An insert that the hypervisor lets through: the machine frame of the touched page, and the size it gets. */
export interface Insert {
  readonly mfn: Mfn;
  readonly log2Pages: number;
}

/**
 * By what a domain has a frame of another mapped: the privileged tool's own hypercalls, or grants, whose operation charges its own
 * hypercall.
 */
export type ForeignWay = 'privileged' | 'grant';

/**
 * How one domain's frame numbers become machine frames: an operation for each row of the operations table. Every
 * operation changes the state that it names and charges its events to the domain's account. What a model cannot do, it
 * returns as a finding.
 */
export interface MemoryModel extends Checkpointed {
  readonly id: ModelId;
  /** Whether the guest's own tables hold machine frames, so that a move to another host must translate them. */
  readonly tablesHoldMachineFrames: boolean;
  /** Whether the guest knows the machine frame behind each of its own guest frames without asking the hypervisor. */
  readonly showsMachineFrames: boolean;

  /** Whether the domain may name any installed frame, and nothing is checked. */
  readonly isTrusted?: boolean;

  /** Why what is kept for the domain's tables does not do for so many guest frames, or null; absent where that shows as they get memory. */
  refusesPages?(guestFrames: number): Finding | null;
  /** Builds: gives a new domain its memory, all or nothing. */
  populate(pages: number): Finding | null;
  /** Gives these very guest frames memory, all or nothing: on arrival those of the host it left, or pages beside its memory. */
  populateFrames(pfns: readonly Pfn[]): Finding | null;
  /** Guest frames that have memory, in ascending order. */
  ownedFrames(): Pfn[];

  /** The machine frame behind a guest frame, or `NO_FRAME`. Charges nothing: for the hypervisor's and the audit's use. */
  machineFrame(pfn: Pfn): Mfn;
  /** The frame number that the guest puts into an entry to mean its own frame. */
  frameForEntry(pfn: Pfn, mechanism: number): number;
  /** The guest frame of its own that an entry's frame number means. Charges nothing. */
  frameFromEntry(frame: number): Pfn;
  /** The machine frame that an entry's frame number means, own or not, or `NO_FRAME`. Charges nothing. */
  frameBehindEntry(frame: number): Mfn;
  /** The size of the insert that the guest's kernel asks for, to map one of its own frames; at most the granule. */
  kernelInsertSize(pfn: Pfn, granuleLog2: number): number;
  /** Checks or translates an insert of 2^log2Pages pages around the touched frame, as the entry gives it. */
  checkInsert(frame: number, log2Pages: number): Insert | Finding;
  /** Checks an entry of the lowest level as the guest stores it, where the MMU walks the guest's own tables. */
  checkEntry?(entry: number): Finding | null;
  /** Whether an insert may allow writes to this machine frame. */
  mayWrite(mfn: Mfn): boolean;
  /** Makes a page-table page known to the hypervisor, where it has to be; false while the frame is mapped writable. */
  declareTable(pfn: Pfn): boolean;

  /** The address, as a frame, that the domain's driver gives to a device for its own frame. */
  busFrame(pfn: Pfn): Mfn;

  /** Maps frames of another domain: frame numbers to put into entries, one for each. All or nothing. */
  mapForeign(mfns: readonly Mfn[], writable: boolean, way: ForeignWay): number[] | Finding;
  /** Undoes `mapForeign` for the frame numbers it returned. Inserts of them were purged before. */
  unmapForeign(frames: readonly number[], writable: boolean, way: ForeignWay): void;

  /** Page flip: takes an own frame that nobody refers to out of its place, for another domain. */
  giveFrame(pfn: Pfn): Mfn | Finding;
  /** Page flip: puts a frame that is the domain's from now on at a ballooned-out place; null when it is there. */
  acceptFrame(pfn: Pfn, mfn: Mfn): Finding | null;

  /** Calls back with each foreign frame and the guest frame that the hypervisor entered it at, where it translates those. */
  forEachForeign?(visit: (pfn: Pfn, mfn: Mfn, writable: boolean) => void): void;

  /** Guest frames whose own memory is ballooned out so that they can hold others', and that hold none now. */
  emptyPlaces(): readonly Pfn[];
  /**
   * Maps a frame of the hypervisor's own at a guest frame; memory that the domain has there stays its own, out of its reach. False when no
   * table is left. Absent where the hypervisor holds no table that could do it.
   */
  mapHypervisorFrame?(pfn: Pfn, mfn: Mfn): boolean;
  /**
   * From now on the domain keeps the places that it ballooned out to map at, where it would take memory back at each unmap: a backend in the
   * kernel has them for as long as it runs (Linux's `gnttab_alloc_pages`), a program of user space for one mapping.
   */
  holdPlaces?(): void;
  /** P2M: adds so many such places above all memory of the guest, as Linux has them from 5.9 on. */
  addEmptyPlaces?(count: number): void;
  /** Pages that it gave up for places to map at, whether they hold others' frames now or not, and whose frames are not its own. */
  readonly pagesLent?: number;

  /** Balloons one guest frame out, by a hypercall unless it is part of a batch. It is not mapped and nobody else refers to it. */
  releaseFrame(pfn: Pfn, inBatch?: boolean): Finding | null;
  /** Balloons one guest frame back in. */
  reclaimFrame(pfn: Pfn, inBatch?: boolean): Finding | null;

  /**
   * Puts a guest frame at another machine frame, in the p2m and the m2p. Absent where the address is the frame. The
   * caller moves contents and ownership, and sees to entries and translations.
   */
  repoint?(pfn: Pfn, mfn: Mfn): void;
  /**
   * Sees to it that the hypervisor can put one guest frame elsewhere without a table more: a large entry breaks. A finding where no table is
   * left. What the MMU has of a large entry goes with the change that follows; who makes none drops it. Absent where the p2m has an entry a page.
   */
  makeEntry?(pfn: Pfn, operation: Operation): Finding | null;
  /** Memory that the guest has without a frame of its own: shared, on disk, not populated. Absent where that cannot be. */
  readonly overcommit?: Overcommit;

  /** A table of the hypervisor's that the MMU walks behind the guest's own, where there is one. */
  /** Twins of the guest's tables, where the MMU walks those, once the domain has memory. */
  readonly shadow?: ShadowState | undefined;
  readonly secondStage?: SecondStage;
  /** Serves a fault of the second stage at a guest frame: whether the access is to be tried again, or why it never will do. */
  secondStageFault?(pfn: Pfn, write: boolean): boolean | Finding;
  /** Hears of each guest frame whose dirty flag the hardware sets in the second stage, where it logs them. */
  readonly dirtied?: ((pfn: number) => void) | undefined;
  /** How first writes are made to fault, where the model has a way of its own; else the MMU drops everything and inserts anew. */
  readonly dirtyLogging?: DirtyLogging | undefined;
  /** Takes what logging needs, before it begins, where that takes something. */
  prepareLogging?(): Finding | null;
  /** Gives back what the hypervisor holds for the domain, when it is destroyed. */
  dispose?(): void;

  /** What stands in the way of moving the domain to another host, or null. */
  refusesMove(target: MoveTarget): Finding | null;
}

/** Each step takes the right to write away, or gives it back, with the flush that goes with it. */
export interface DirtyLogging {
  begin(): void;
  harvest(): void;
  end(): void;
}

/** What a model may ask of the host that its domain would move to. */
export interface MoveTarget {
  readonly name: string;
  isFree(mfn: Mfn): boolean;
  describeOwner(mfn: Mfn): string;
}
