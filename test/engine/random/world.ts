import { expect } from 'vitest';
import { type Domain, Host, PagingDisk, type Violation, audit } from '../../../engine/index.js';
import { walk } from '../../../engine/domain/walk.js';
import type { ForeignMapping } from '../../../engine/domain/foreign-mapping.js';
import { asPfn } from '../../../engine/host/frame-number.js';
import type { Iommu } from '../../../engine/iommu/iommu.js';
import type { BounceSlots, PagingPoolRule, Platform, TranslationScheme } from '../../../engine/platform.js';
import { PageUse } from '../../../engine/linux/page-frames.js';
import { iommuOf } from '../devices/support.js';
import { PAGE, type VARIANTS, domainOn, hostOf, platformOf, radixPlatformOf } from '../support.js';
import { XEN_4_17, XEN_4_17_X86_PV } from '../../../engine/grants/rules.js';
import type { Programs } from '../linux/programs-reference.js';
import { OPTERON } from '../numa/support.js';
import { leaveDevice } from './dma-reference.js';
import { type Grants, leaveGrants } from './grant-reference.js';
import { ReferenceDomain } from './reference.js';
import { framesOf } from './staged-reference.js';

type Variant = (typeof VARIANTS)[number];

export interface Guest {
  domain: Domain;
  readonly reference: ReferenceDomain;
  /** Its processes, once its kernel is Linux. */
  linux: Programs | null;
  /** It has crashed, and stays as long as others have its memory: it does nothing more itself. */
  isDown: boolean;
}

export const guestOf = (domain: Domain, reference: ReferenceDomain): Guest => ({
  domain,
  reference,
  linux: null,
  isDown: false,
});

/** What Linux uses a guest frame for. */
export const useBy = ({ linux }: Guest, pfn: number): number => linux?.kernel.pages.use(asPfn(pfn)) ?? PageUse.none;

/** Frames with page tables: the domain's own, and those of its processes. */
export const tablesOf = (guest: Guest): ReadonlySet<number> => {
  const { domain, linux } = guest;
  const tables = new Set<number>(domain.tablePfns);
  if (linux === null) return tables;
  for (const pfn of domain.model.ownedFrames()) if (useBy(guest, pfn) === PageUse.table) tables.add(pfn);
  return tables;
};

/** A mapping of a guest's frames that the control domain holds. */
export interface Lent {
  readonly guest: Guest;
  readonly pfns: readonly number[];
  mapping: ForeignMapping;
  readonly writable: boolean;
  /** Where it is in the control domain's address space. */
  readonly slot: number;
  /** Frames that the guest gave up meanwhile: a trusted tool, which holds no reference, still sees what was there. */
  readonly stale: Set<number>;
}

export interface WorldSize {
  /** Frames of the host, in two banks with a hole between them. */
  readonly frames: number;
  readonly controlPages: number;
  readonly guestPages: number;
  /** Each bank is a node of its own. */
  readonly nodes?: boolean;
}

const KEPT = ['hashed table', 'paging pool', 'grant table', 'maptrack', 'second stage'] as const;

/** From 64 frames on: everything can be compared after every operation. */
export const smallWorld = (frames: number): WorldSize => ({
  frames,
  controlPages: frames < 128 ? 31 : 60,
  guestPages: frames < 128 ? 16 : frames < 256 ? 24 : 40,
});

/** Enough for the second stage of any domain of this world, with its window for frames of others; or for its p2m and twins. */
const poolFor = ({ controlPages }: WorldSize, hasTwins: boolean): PagingPoolRule => ({
  pagesAVcpu: (hasTwins ? 140 : 10) + Math.ceil(controlPages / 64),
  pagesAMebibyte: { nested: 0, shadow: 0 },
  pagesADomain: 0,
  multipleOf: 1,
});

/** Bounce pools of a few pages, so that small guests have room for one: four slots a page, and two pages a segment. */
const slotsFor = (pageBytes: number): BounceSlots => ({ bytes: pageBytes / 4, aSegment: 8 });

/** Each bank a node of its own, all joined in a row. */
const bankANode = (platform: Platform): Platform => ({
  ...platform,
  banks: platform.banks.map((bank, node) => ({ ...bank, node })),
  numa: {
    distancesByHops: [10, 16],
    timing: OPTERON,
    topology: {
      links: platform.banks.slice(1).map((_, node) => [node, node + 1] as const),
      distances: platform.banks.map((_, one) => platform.banks.map((_, other) => 10 + 6 * Math.abs(one - other))),
    },
  },
});

/** Engine and reference side by side: a control domain of one variant and guests of another, on a host, and another host. */
export class World {
  readonly size: WorldSize;
  readonly pool: PagingPoolRule;
  /** Frames of each host. */
  readonly frames: number;
  host: Host;
  control: Domain;
  otherControl: Domain;
  readonly guestVariant: Variant;
  readonly guests: (Guest | null)[] = [null, null, null];
  readonly lent: Lent[] = [];
  iommus: Readonly<Record<'strict' | 'deferred', Iommu>>;
  /** The control domain, as one among those that grant pages to each other. Its memory is not followed. */
  readonly controlGuest: Guest;
  readonly grants: Grants = { kernels: new Map(), all: [], mapped: [], byDevice: [] };

  constructor(control: Variant, guest: Variant, scheme: TranslationScheme, size: WorldSize) {
    const hasTwins = [control, guest].some(({ model }) => model === 'shadow');
    const logsByTwins = scheme.kind === 'radix' && guest.model === 'p2m';
    this.pool = poolFor(size, hasTwins);
    // Pools are large beside small guests: there is room for those of two guests or, of twins, of three.
    const forTwins = hasTwins || logsByTwins ? 128 * Math.ceil((3 * 140 + this.pool.pagesAVcpu) / 128) : 0;
    const isStaged = scheme.kind === 'radix' && scheme.identityStage === true;
    const staged = [control, guest, guest].filter(
      ({ model }) => model === 'nested' || (isStaged && model === 'direct'),
    );
    const nested = staged.length;
    this.frames = size.frames + (forTwins || 2 * Math.ceil((nested * this.pool.pagesAVcpu) / 2));
    const half = this.frames / 2;
    const banks: [number, number][] = [
      [0, half],
      [this.frames, half],
    ];
    this.size = size;
    this.guestVariant = guest;
    const platform =
      scheme.kind === 'radix'
        ? radixPlatformOf(banks, {
            scheme,
            bounceSlots: slotsFor(512),
            pagingPool: this.pool,
            grants: guest.model === 'p2m' ? XEN_4_17_X86_PV : XEN_4_17,
            ...(guest.model === 'direct' ? {} : { iommuTables: 'healed' as const }),
          })
        : platformOf(banks, { scheme, grants: XEN_4_17, bounceSlots: slotsFor(PAGE) });
    this.host = hostOf(size.nodes === true ? bankANode(platform) : platform);
    const { model, options } = control;
    this.control = domainOn(this.host, 'control', model, size.controlPages, options);
    this.controlGuest = guestOf(this.control, new ReferenceDomain([], null));
    this.iommus = { strict: iommuOf(this.host), deferred: iommuOf(this.host, { invalidation: 'deferred' }) };
    this.host.pagingDisk = new PagingDisk(this.host.simulation.arena, Math.ceil(size.guestPages / 2));
    const other = new Host('other', this.host.simulation);
    this.otherControl = domainOn(other, 'other control', model, size.controlPages, options);
  }

  /** Frames that the hypervisor takes for the translations of a guest. */
  get framesKeptForGuest(): number {
    const { scheme } = this.host.simulation.platform;
    if (this.guestVariant.model === 'nested' || this.guestVariant.model === 'shadow') return this.pool.pagesAVcpu;
    return scheme.kind === 'hash' ? 1 : 0;
  }

  /** Whether the hypervisor has what it takes to log a guest's writes now. */
  canLog({ mmu, model, host }: Domain): boolean {
    const byTwins = host.simulation.platform.scheme.kind === 'radix' && model.id === 'p2m';
    return mmu.seesFirstWrites && (!byTwins || host.heap.freeFrames >= 128);
  }

  /** Bits of the addresses of devices that reach a part of the first bank only. */
  get narrowBits(): number {
    return Math.floor(Math.log2((this.frames / 2) * this.host.simulation.platform.pageBytes));
  }

  get controlIsTrusted(): boolean {
    return this.control.options.access === 'trusted';
  }

  /** What the engine and the reference must agree on, and the rules that the audit walks. */
  check(): Violation[] {
    let owned = this.control.model.ownedFrames().length;
    for (const guest of this.guests) {
      if (guest === null) continue;
      const { domain, reference, linux } = guest;
      linux?.check();
      const frames = framesOf(guest);
      owned += frames.length + reference.waiting;
      expect(domain.model.ownedFrames()).toEqual(frames);
      for (const [vpn, { pfn }] of reference.mapped) {
        if (reference.memory.has(pfn)) expect(this.host.frames.guestFrame(walk(domain, vpn))).toBe(pfn);
      }
    }
    const { heap, hypervisor, pagingDisk } = this.host;
    const references = this.guests.flatMap((guest) => (guest === null ? [] : [guest.reference]));
    const shares = new Set(references.flatMap((reference) => reference.shares));
    for (const share of shares) {
      const standing = references.flatMap((reference) => reference.shares.filter((each) => each === share));
      expect(standing).toHaveLength(share.sharers);
    }
    owned += shares.size;
    owned += this.host.dma.contexts.reduce((sum, { tablePages }) => sum + tablePages, 0);
    const onDisk = references.reduce((sum, reference) => sum + reference.count('disk'), 0);
    expect(pagingDisk!.emptySlots).toBe(pagingDisk!.slots - onDisk);
    expect(heap.freeFrames).toBe(
      this.frames - owned - KEPT.reduce((sum, purpose) => sum + hypervisor.pages(purpose), 0),
    );
    for (const { granter, kind, reference, mappings } of this.grants.all) {
      const { table } = this.grants.kernels.get(granter.domain)!;
      if (kind === 'access') expect(table.use(reference) !== 0).toBe(mappings > 0);
    }
    return [...audit(this.host), ...audit(this.otherControl.host)];
  }

  /** A page of a guest gets a frame of its own, where it has none. */
  settle(guest: Guest, pfn: number): void {
    if (guest.reference.outside.has(pfn)) this.goesStale(guest, [pfn]);
    guest.reference.settle(pfn);
  }

  /** A guest is gone, with all that it had. */
  end(number: number): void {
    const guest = this.guests[number]!;
    this.guests[number] = null;
    leaveDevice(guest);
    leaveGrants(this.grants, guest, guest.domain);
    guest.reference.end();
    for (const lent of this.lent.filter((entry) => entry.guest === guest)) {
      lent.mapping.unmap();
      this.lent.splice(this.lent.indexOf(lent), 1);
    }
  }

  /** Contents of a guest's pages, wherever they are. */
  contents({ domain, reference }: Guest): Map<number, number> {
    const { model, host } = domain;
    const inUse = model.ownedFrames().filter((pfn) => reference.memory.has(pfn));
    const own = inUse.map((pfn) => [pfn, host.frames.contents(model.machineFrame(pfn))] as const);
    const outside = [...reference.outside.keys()]
      .filter((pfn) => !own.some(([other]) => other === pfn))
      .map((pfn) => [pfn, model.overcommit!.contents(asPfn(pfn))] as const);
    return new Map([...own, ...outside]);
  }

  /** A trusted tool holds no reference to what it maps: once the page is elsewhere, it sees what was there. */
  goesStale(guest: Guest, pfns: Iterable<number>): void {
    if (!this.controlIsTrusted) return;
    for (const lent of this.lent.filter((entry) => entry.guest === guest)) {
      for (const pfn of pfns) if (lent.pfns.includes(pfn)) lent.stale.add(pfn);
    }
  }

  /** Exactly the frames that the reference says were written have new contents; page-table pages are the kernel's own. */
  expectWritten(guest: Guest, before: ReadonlyMap<number, number>, written: ReadonlySet<number>): void {
    const tables = tablesOf(guest);
    const changed = [...this.contents(guest)]
      .filter(([pfn, stamp]) => before.has(pfn) && before.get(pfn) !== stamp && !tables.has(pfn))
      .map(([pfn]) => pfn);
    expect(new Set(changed)).toEqual(new Set([...written].filter((pfn) => !tables.has(pfn))));
  }
}
