import { describe, expect, it } from 'vitest';
import { type Keeper, keepersOf } from './left-out.js';

/** Keepers of state that no checkpoint has to hold, and why. */
const NOT_SAVED: Readonly<Record<string, string>> = {
  sending: 'keeps what became of each page, as long as it sends',
  Nic: 'has nothing but its device: one of the host, or one that knows of no buffer between two operations',
  FrameUses: 'is counted anew by every audit',
  FreeBlocks: 'is made again from the list of free frames when a block is next asked for',
  GuestWalk: 'is written anew by every walk',
  TlbGather: 'lives within an unmapping',
  EventHeap: 'lives within one run of a network of queues',
  Arena: 'what lies in it is saved by its owners',
  ArchiveReader: 'is the checkpoint itself',
  ContentionModel: 'only remembers what a pure function gave',
  SecondStageReach: 'is written anew by every walk',
};

/** Fields that `checkpoint` does not name, and why. */
const NOT_NAMED: Readonly<Record<string, readonly string[]>> = {
  // The counts of the phase that is named.
  Account: ['#counts'],
  // Filled anew from lists of what there is.
  DmaSystem: ['#devices', '#contextsOfAll'],
  // Set again by what watches it, `DmaSystem.resume`.
  ForeignRights: ['changed'],
  FrameTable: ['#observer'],
  // Before everything else (checkpoint.ts); what the platform says of the image; and who listens for the length of a run.
  Host: ['#image', 'memoryWatch'],
  // Its contexts enter themselves, and its paging unit has the IOTLB.
  Iommu: ['contexts', 'tlb'],
  // In kept-state.ts, and made again by its makers; `tables` has no state, and a multicall begins and ends within one operation.
  Domain: [
    'kernelCalls',
    'tables',
    'pv',
    'processes',
    'grants',
    'descriptors',
    'dirtyLog',
    'kernelMapping',
    'interrupts',
    '#disposals',
  ],
  // Entered again by the kernel whose tables they are.
  AddressSpaces: ['#spaces'],
  // Filled by the same calls as everywhere.
  ChunkList: ['#nodes', '#head', '#tail'],
  // Where things stand in the list, counted again from it.
  FreeFrames: ['#gone', '#blocks'],
  // A memory of a pure function.
  HashTable: ['#vsids'],
  // The platform's.
  Ledger: ['#costs'],
  // Set within one operation of a hypercall.
  PvMemory: ['#watcher'],
  // Written anew by every walk.
  NestedPaging: ['#walker', '#reach'],
  PagingUnit: ['#walker'],
  // What lies in it is saved by its owners.
  Simulation: ['arena'],
  // Has nothing but its device.
  Socket: ['nic'],
};

const KEEPERS = keepersOf('engine');

const leftOut = ({ name, state, checkpoint }: Keeper): readonly string[] => {
  const excused = NOT_NAMED[name] ?? [];
  return state.filter((field) => !new RegExp(`${field}\\b`, 'u').test(checkpoint ?? '') && !excused.includes(field));
};

describe('no state of the engine is left out of a checkpoint', () => {
  it.each(KEEPERS.filter(({ name }) => !Object.hasOwn(NOT_SAVED, name)))('$name', (keeper) => {
    expect(keeper.checkpoint).not.toBe(null);
    expect(leftOut(keeper)).toEqual([]);
  });

  it('finds classes and functions with state, and lists nothing that is gone', () => {
    const names = new Set(KEEPERS.map(({ name }) => name));
    for (const name of ['Domain', 'FrameTable', 'RandomStream', 'p2mModel', 'xenOps']) expect(names).toContain(name);
    for (const name of [...Object.keys(NOT_SAVED), ...Object.keys(NOT_NAMED)]) expect(names).toContain(name);
  });
});
