import type { Domain, Finding, ModelId, ModelOptions, Platform } from '../../engine/index.js';
import { Simulation, asPfn, buildDomain, destroyDomain, isFinding } from '../../engine/index.js';
import { QEMU_VIRT_WINDOWS } from '../../engine/arm/board.js';
import { type ArmHost, type ArmLayout, type ByteRange, bootArmHost } from '../../engine/arm/boot.js';
import { bootControlDomain } from '../../engine/arm/control-domain.js';
import { startLinux } from '../../engine/arm/start-linux.js';
import { XEN_4_17 } from '../../engine/grants/rules.js';
import { mapForeign } from '../../engine/domain/foreign-mapping.js';
import type { BootedMemory } from '../../engine/linux/booted-memory.js';
import { ARM64_4K } from '../../engine/paging/format.js';
import { PAGES_A_MEBIBYTE, PAGE_BYTES, countsOnlyPlatform, radixScheme } from '../predictions/counts-only-platform.js';

const RAM_START = 0x4000_0000;
const MIB = 2 ** 20;

/**
 * Where things lay on the machine of validation/data/xen-arm-counts.yaml, and the device tree's pages by its note. RAM
 * is one bank from 1 GiB on.
 */
const RECORDED_LAYOUT: ArmLayout = {
  xen: { start: 0x4020_0000, end: 0x4033_60c8 },
  modules: [
    { start: 0x4800_0000, end: 0x4810_0000 },
    { start: 0x4900_0000, end: 0x4af6_dfc0 },
    { start: 0x4c00_0000, end: 0x4cb4_2c00 },
  ],
  deviceTreeFrames: 247,
  controlDomain: 'domain0',
  staticMemory: [],
};

/**
 * The kernel that was booted there, in domain0 and guests: its image is as large as the module. Assumed: 5000 pages that it has taken for
 * itself by the time that it balloons, about 20 MiB; the counts are the same for any number that ends within a chunk of 2 MiB.
 */
const RECORDED_LINUX: BootedMemory = { imagePages: Math.ceil(0x1f6_dfc0 / PAGE_BYTES), ownPages: 5000 };

/**
 * Guest frames of Xen's windows for guests (xen/include/public/arch-arm.h): the grant frames, and the pages that the tools add. Memory begins
 * above them there, and at 0 here, so they stand above it.
 */
const WINDOWS = 2 ** 25;
const GRANT_FRAME = asPfn(WINDOWS + 0x3_8000);
const TOOLS_PAGES = [0, 1, 2, 3].map((page) => asPfn(WINDOWS + 0x3_9000 + page));

/** A guest's pool is 256 pages a vCPU, one a MiB and 128 more: libxl, and domain_p2m_pages in Xen, which rounds up to a MiB. */
const platformOf = (hostMiB: number, guestsBy: GuestBuilder): Platform =>
  countsOnlyPlatform({
    id: 'arm64 for counts',
    scheme: radixScheme(ARM64_4K),
    banks: [{ start: RAM_START, size: hostMiB * MIB }],
    pagingPool: {
      pagesAVcpu: 256,
      pagesAMebibyte: { nested: 1, shadow: 1 },
      pagesADomain: 128,
      multipleOf: guestsBy === 'hypervisor' ? 256 : 1,
      rootFromHeap: true,
    },
    grants: XEN_4_17,
  });

/** A domain that has to come to be. */
export const built = (domain: Domain | Finding): Domain => {
  if (isFinding(domain)) throw new Error(domain.detail);
  return domain;
};

/** The guest that has the static memory. */
export const STATIC_GUEST = 'static guest';

/** Who builds the guests: Xen itself from its device tree, as all recorded ones but one, or the tools in domain0. */
type GuestBuilder = NonNullable<ModelOptions['memoryFrom']>;

/** The recorded machine with this much memory, as Xen has booted it. `held` is static memory. */
export const recordedHost = (
  hostMiB: number,
  held: readonly ByteRange[] = [],
  guestsBy: GuestBuilder = 'hypervisor',
): ArmHost => {
  const staticMemory = held.length === 0 ? [] : [{ domain: STATIC_GUEST, ranges: held }];
  const simulation = new Simulation(platformOf(hostMiB, guestsBy), 'arm');
  return bootArmHost('host', simulation, { ...RECORDED_LAYOUT, staticMemory });
};

/** Another host like it, which guests might move to. */
export const otherHost = ({ host, layout }: ArmHost): ArmHost =>
  bootArmHost('other host', host.simulation, { ...layout, staticMemory: [] });

/** Boots domain0 of this size on it. */
export const bootDomain0 = (arm: ArmHost, askMiB: number, options: ModelOptions = {}): Domain | Finding =>
  bootControlDomain(arm, askMiB * PAGES_A_MEBIBYTE, QEMU_VIRT_WINDOWS, options, RECORDED_LINUX);

/** The banks of a direct domain, as `first address-end address`. */
export const banksOf = (domain: Domain): string[] => {
  const banks: { first: number; end: number }[] = [];
  for (const pfn of domain.model.ownedFrames()) {
    const last = banks.at(-1);
    if (last?.end === pfn) last.end += 1;
    else banks.push({ first: pfn, end: pfn + 1 });
  }
  return banks.map(({ first, end }) => `${(first * PAGE_BYTES).toString(16)}-${(end * PAGE_BYTES).toString(16)}`);
};

/** What a direct domain0 and its second stage count. */
export interface DirectCounts {
  readonly freePages: number;
  readonly owned: number;
  /** Pages of memory whose entry has gfn = mfn. */
  readonly identityEntries: number;
  /** Pages with another frame behind them. */
  readonly otherEntries: number;
  readonly tablePages: number;
  readonly largeEntries: number;
}

export const countDirect = ({ host, site }: ArmHost, domain: Domain): DirectCounts => {
  const stage = site.models.get(domain)!.secondStage;
  let identityEntries = 0;
  let otherEntries = 0;
  let largeEntries = 0;
  stage.forEachEntry(({ pfn, mfn, order, kind }) => {
    if ((pfn as number) !== (mfn as number)) otherEntries += 2 ** order;
    else if (kind === 'memory') identityEntries += 2 ** order;
    if (order === 9) largeEntries += 1;
  });
  const owned = domain.model.ownedFrames().length;
  return {
    freePages: host.heap.freeFrames,
    owned,
    identityEntries,
    otherEntries,
    tablePages: stage.tableFrames().length - 1,
    largeEntries,
  };
};

const PIECE_PAGES = 512;

/**
 * Programs end and give single pages back that Linux had taken beside its own: every other one of a piece of 2 MiB, so many pieces below the
 * one that it is handing out from. They are handed out first, the lowest before the others. How many there were is not recorded; that
 * they lie in one piece is assumed.
 */
export const giveSinglesBack = (domain: Domain, count: number, piecesBelow: number): void => {
  const lowest = domain.free.copy().reduce((least, pfn) => Math.min(least, pfn), Infinity);
  const first = (Math.floor(lowest / PIECE_PAGES) - piecesBelow) * PIECE_PAGES;
  for (let index = count - 1; index >= 0; index -= 1) domain.free.giveBack(asPfn(first + 2 * index));
};

/** Balloons `pages` frames out. */
export const shrink = (domain: Domain, pages: number): void => {
  for (let count = 0; count < pages; count += 1) {
    const pfn = domain.balloon.out();
    if (isFinding(pfn)) throw new Error(pfn.detail);
  }
};

/** Balloons in what comes back of the ballooned frames; returns how many pages are short. */
export const growBack = (domain: Domain): number =>
  domain.balloon.frames.filter((pfn) => domain.balloon.in(pfn) !== null).length;

/** A guest: by default VP by nested tables, built by Xen. */
export const buildGuest = (
  { host }: ArmHost,
  name: string,
  pages: number,
  model: ModelId = 'nested',
  memoryFrom: GuestBuilder = 'hypervisor',
): Domain | Finding => {
  const builder = host.simulation.ledger.account('toolstack');
  return buildDomain(host, { name, model, options: { memoryFrom }, paging: 'nested', builder }, pages);
};

/** A guest of VP whose Linux runs. The tools add four pages: for console, store, memory events and an emulated console. */
export const runGuest = (arm: ArmHost, pages: number, memoryFrom: GuestBuilder): Domain => {
  const guest = built(buildGuest(arm, 'guest', pages, 'nested', memoryFrom));
  const refusal = memoryFrom === 'tools' ? guest.model.populateFrames(TOOLS_PAGES) : null;
  if (refusal !== null) throw new Error(refusal.detail);
  startLinux(guest, GRANT_FRAME, RECORDED_LINUX);
  return guest;
};

/** Ring pages that domain0's daemons map of each guest: the store's and the console's. */
const RING_PAGES = 2;

/** Domain0 maps the rings of a new guest; the result unmaps them and destroys it. */
export const mapRings = (domain0: Domain, guest: Domain, index: number): (() => void) => {
  const rings = Array.from({ length: RING_PAGES }, (_, page) => asPfn(page));
  const mapping = mapForeign(domain0, guest, rings, { writable: true, firstPage: index * RING_PAGES });
  if (isFinding(mapping)) throw new Error(mapping.detail);
  return () => {
    mapping.unmap();
    const refusal = destroyDomain(guest, domain0.account);
    if (refusal !== null) throw new Error(refusal.detail);
  };
};

/** Runs of what a guest's second stage maps that are contiguous in guest frames and machine frames. */
export const countRuns = ({ model }: Domain): number => {
  let runs = 0;
  let nextPfn = -1;
  let nextMfn = -1;
  model.secondStage!.forEachEntry(({ pfn, mfn, order }) => {
    if ((pfn as number) !== nextPfn || (mfn as number) !== nextMfn) runs += 1;
    nextPfn = pfn + 2 ** order;
    nextMfn = mfn + 2 ** order;
  });
  return runs;
};
