import { Host } from '../host/host.js';
import { FrameState } from '../host/frame-table.js';
import { NO_FRAME, asMfn } from '../host/frame-number.js';
import type { Simulation } from '../simulation.js';
import { type FrameRange, takeAtBoot, withoutRanges } from './boot-memory.js';
import { directOnArm } from './direct.js';
import type { ArmSite } from './site.js';
import { placeOnSite } from './site-placement.js';
import { ZonedHeap } from './zoned-heap.js';

/** Bytes that Xen's frame table has for each frame on arm64. */
const DESCRIPTOR_BYTES = 56;
const MIB = 2 ** 20;

/** Addresses `start` to `end − 1`, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where things lie when Xen starts, and what it keeps. */
export interface ArmLayout {
  readonly xen: ByteRange;
  /** Device tree, kernel and ramdisk: reserved until domain0 is built, then given to the heap. */
  readonly modules: readonly ByteRange[];
  /** Frames that Xen's own copy of the device tree takes. */
  readonly deviceTreeFrames: number;
  readonly controlDomain: string;
  readonly staticMemory: readonly { readonly domain: string; readonly ranges: readonly ByteRange[] }[];
}

export interface ArmHost {
  readonly host: Host;
  readonly site: ArmSite;
  readonly layout: ArmLayout;
  /** Frames taken at boot, by what they are for. */
  readonly bootFrames: { readonly xen: number; readonly frameTable: number; readonly deviceTree: number };
}

/**
 * Brings up an Arm host of one bank as Xen 4.17 does: memory without Xen, boot modules and static memory goes to the boot
 * allocator; the frame table is taken from its top, aligned to 32 MiB; then the lowest region and after it the others
 * from the highest down go to the heap; then Xen copies the device tree. Sources: setup_mm in xen/arch/arm/setup.c,
 * setup_frametable_mappings in xen/arch/arm/mm.c, end_boot_allocator in xen/common/page_alloc.c.
 */
export const bootArmHost = (name: string, simulation: Simulation, layout: ArmLayout): ArmHost => {
  const { banks, pageBytes } = simulation.platform;
  if (banks.length !== 1) throw new Error('an Arm host has one bank of memory here');
  const [bank] = banks;
  const frames = ({ start, end }: ByteRange): FrameRange => ({
    first: Math.floor(start / pageBytes),
    end: Math.ceil(end / pageBytes),
  });
  const memory = frames({ start: bank.start, end: bank.start + bank.size });
  const xen = frames(layout.xen);
  const staticMemory = new Map(layout.staticMemory.map(({ domain, ranges }) => [domain, ranges.map(frames)]));
  const staticRanges = [...staticMemory.values()].flat();
  const taken = [xen, ...layout.modules.map(frames), ...staticRanges];
  const frameTable = frameTableFrames(memory.end - memory.first, pageBytes);
  const { left } = takeAtBoot(withoutRanges(memory, taken), frameTable, (32 * MIB) / pageBytes);

  const heap = new ZonedHeap();
  const site: ArmSite = { heap, controlDomain: layout.controlDomain, staticMemory, models: new Map() };
  const host = new Host(name, simulation, {
    heap,
    free: [left[0], ...left.slice(1).toReversed()],
    staysReserved: (mfn) => staticRanges.some(({ first, end }) => mfn >= first && mfn < end),
    immobile: { rule: 'no-migration-on-arm', detail: 'Xen 4.17 on Arm has neither log-dirty nor save' },
    direct(domain, options) {
      const model = directOnArm(placeOnSite(site), domain, options);
      site.models.set(domain, model);
      domain.whenLeaving(() => void site.models.delete(domain));
      return model;
    },
  });
  copyDeviceTree(host, heap, layout.deviceTreeFrames);
  return {
    host,
    site,
    layout,
    bootFrames: { xen: xen.end - xen.first, frameTable, deviceTree: layout.deviceTreeFrames },
  };
};

/** Domain0 is built: the boot modules go to the heap, and the idle loop scrubs all that is free. */
export const finishBoot = ({ host, site, layout }: ArmHost): void => {
  const { pageBytes } = host.simulation.platform;
  for (const { start, end } of layout.modules) {
    host.freeReserved(Math.floor(start / pageBytes), Math.ceil(end / pageBytes));
  }
  site.heap.scrub();
};

/** The frame table's frames: its bytes rounded up to 2 MiB below 32 MiB, and to 32 MiB from there on. */
const frameTableFrames = (frames: number, pageBytes: number): number => {
  const bytes = frames * DESCRIPTOR_BYTES;
  const unit = bytes < 32 * MIB ? 2 * MIB : 32 * MIB;
  return (Math.ceil(bytes / unit) * unit) / pageBytes;
};

/** An allocation of whole pages: the next power of two, and what is over goes back page by page. */
const copyDeviceTree = (host: Host, heap: ZonedHeap, pages: number): void => {
  if (pages === 0) return;
  const order = Math.ceil(Math.log2(pages));
  const first = heap.allocate(order, { acceptsUnscrubbed: true });
  if (first === NO_FRAME) throw new Error(`${host.name} has no room for the device tree`);
  for (let index = 0; index < pages; index += 1) host.frames.setState(asMfn(first + index), FrameState.reserved);
  for (let index = pages; index < 2 ** order; index += 1) heap.free(asMfn(first + index), 0);
};
