import {
  type AccessPattern,
  type Archive,
  type Domain,
  Host,
  MigrationSession,
  Program,
  type RandomStream,
  Simulation,
  audit,
  checkpointDomain,
  encodeAccess,
} from '../../../engine/index.js';
import { GrantMapping } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import { XEN_IA64_AUGUST_2006 } from '../../../engine/grants/rules.js';
import type { DmaDevice } from '../../../engine/devices/dma-device.js';
import type { DmaMapping } from '../../../engine/devices/dma-mapping.js';
import { Iommu, type IommuSpec } from '../../../engine/iommu/iommu.js';
import { ForeignMapping } from '../../../engine/domain/foreign-mapping.js';
import type { Platform, TranslationScheme } from '../../../engine/platform.js';
import { type ConnectedDriver, checkpointConnected } from './driver-steps.js';
import { moveBy } from './moving-steps.js';
import { type VARIANTS, costs, domainOn, platformOf, radixPlatformOf } from '../support.js';

type Variant = (typeof VARIANTS)[number];

const CONTROL_PAGES = 60;
export const PROGRAM_PAGES = 6;

export const patternOf = (stream: RandomStream): AccessPattern => ({
  pages: PROGRAM_PAGES,
  fill(buffer) {
    for (let index = 0; index < 40; index += 1) {
      buffer[index] = encodeAccess(stream.below(PROGRAM_PAGES), stream.below(2) === 0, 1 + stream.below(3));
    }
    return 40;
  },
  checkpoint: (archive) => archive.part('stream', stream),
});

/** Does what is possible then; `page` is below 16. */
export type SceneStep = (scene: Scene, guest: Guest, page: number, number: number) => void;

export interface Guest {
  domain: Domain;
  program: Program | null;
  mappings: ForeignMapping[];
  references: GrantReferences | null;
  devices: DmaDevice[];
  /** What its devices have been told of, and what the control domain's device has of its granted pages. */
  buffers: DmaMapping[];
  lent: DmaMapping[];
  connected: ConnectedDriver | null;
  /** On its way to the other host. */
  move: { readonly session: MigrationSession; readonly postCopies: boolean } | null;
  /** Its grants that stand in the control domain's page table. */
  views: { readonly mapping: GrantMapping; readonly references: readonly number[]; readonly writable: boolean }[];
  /** Its grants that the control domain has mapped. */
  granted: { readonly reference: number; readonly handle: number; readonly frame: number }[];
}

export interface SceneSpec {
  readonly control: Variant;
  readonly guest: Variant;
  readonly scheme: TranslationScheme;
}

/** Enough for twins and a p2m, or for a second stage with a window for frames of others. */
const POOL = { pagesAVcpu: 150, pagesAMebibyte: { nested: 0, shadow: 0 }, pagesADomain: 0, multipleOf: 1 };

export const scenePlatform = ({ scheme }: SceneSpec): Platform => {
  const own = { grants: XEN_IA64_AUGUST_2006, costs: costs(7, { loggingFault: 131, translationFault: 57 }) };
  const banks = (frames: number): [number, number][] => [
    [0, frames],
    [5000, frames],
  ];
  return scheme.kind === 'radix'
    ? radixPlatformOf(banks(400), { ...own, scheme, pagingPool: POOL })
    : platformOf(banks(100), { ...own, scheme });
};

const iommuOn = (host: Host, invalidation: IommuSpec['invalidation']): Iommu => {
  const iotlb = [
    { sets: 2, ways: 2 },
    { sets: 1, ways: 2 },
  ];
  return new Iommu(host, { name: invalidation, iotlb, walkCache: [2, 1, 1], invalidation });
};

/** Two hosts, a control domain on each, and guests that live, run, lend, log and move; every step does what is possible then. */
export class Scene {
  readonly simulation: Simulation;
  readonly spec: SceneSpec;
  guests: (Guest | null)[] = [null, null];
  nextMapping = 0;

  private constructor(spec: SceneSpec, simulation: Simulation) {
    this.spec = spec;
    this.simulation = simulation;
  }

  static make(spec: SceneSpec): Scene {
    const simulation = new Simulation(scenePlatform(spec), 'scene');
    for (const name of ['source', 'target']) {
      const host = new Host(name, simulation);
      domainOn(host, `${name} control`, spec.control.model, CONTROL_PAGES, spec.control.options);
      for (const invalidation of ['strict', 'deferred'] as const) {
        iommuOn(host, invalidation);
      }
    }
    return new Scene(spec, simulation);
  }

  /** A scene whose own state comes from the archive. */
  static from(spec: SceneSpec, archive: Archive): Scene {
    const scene = new Scene(spec, archive.simulation);
    scene.checkpoint(archive);
    return scene;
  }

  checkpoint(archive: Archive): void {
    this.nextMapping = archive.value('nextMapping', this.nextMapping);
    this.guests = archive.list('guests', this.guests, (each, guest) => {
      if (!each.value('lives', guest !== null)) return null;
      const domain = checkpointDomain(each, 'domain', guest?.domain ?? null);
      let program = guest?.program ?? null;
      if (each.value('runs', program !== null)) {
        program ??= new Program(domain, patternOf(this.simulation.stream('any')), 0);
        each.part('program', program);
      }
      const mappings = each.list('mappings', guest?.mappings ?? [], (entry, mapping) =>
        ForeignMapping.checkpoint(entry, mapping),
      );
      let references = guest?.references ?? null;
      if (each.value('grants', references !== null)) {
        references ??= GrantReferences.restored(domain);
        each.part('references', references);
      }
      let move = guest?.move ?? null;
      if (each.value('moves', move !== null)) {
        const postCopies = each.value('postCopies', move?.postCopies ?? false);
        each.part('move', {
          checkpoint(entry) {
            const session = MigrationSession.checkpoint(entry, move?.session ?? null, moveBy(postCopies));
            move ??= { session, postCopies };
          },
        });
      }
      let connected = guest?.connected ?? null;
      if (each.value('connected', connected !== null)) {
        connected = checkpointConnected(each, domain, references!, this.controlOf(domain.host), connected);
      }
      return {
        domain,
        program,
        mappings,
        references,
        connected,
        move,
        granted: each.data('granted', guest?.granted ?? []),
        devices: each.tracked('devices', guest?.devices ?? []),
        buffers: each.tracked('buffers', guest?.buffers ?? []),
        lent: each.tracked('lent', guest?.lent ?? []),
        views: each.list('views', guest?.views ?? [], (entry, view) => ({
          mapping: GrantMapping.checkpoint(entry, view?.mapping ?? null),
          references: entry.numbers('references', view?.references ?? []),
          writable: entry.value('writable', view?.writable ?? false),
        })),
      };
    });
  }

  /** All that can be seen from outside: time, ledger, audit, contents, tables, caches, the order in which frames are free. */
  view(): object {
    return {
      nowNs: this.simulation.clock.nowNs,
      ledger: this.simulation.ledger.entries(),
      cpuNs: this.guests.map((guest) => guest?.domain.account.cpuNs),
      accesses: this.guests.map((guest) => guest?.program?.accesses),
      hosts: this.simulation.hosts.map((host) => viewOf(host)),
    };
  }

  controlOf(host: Host): Domain {
    return [...host.domains.values()][0];
  }
}

const viewOf = (host: Host): object => {
  const { frames } = host;
  const installed: number[][] = [];
  frames.forEachInstalled((mfn) => {
    installed.push([
      mfn,
      frames.state(mfn),
      frames.owner(mfn),
      frames.guestFrame(mfn),
      frames.references(mfn),
      frames.type(mfn),
      frames.typeCount(mfn),
      frames.contents(mfn),
      frames.pins(mfn),
      ...(host.tables.get(mfn)?.filter((entry) => entry !== 0) ?? []),
    ]);
  });
  const free: number[][] = [];
  host.heap.forEachChunk((first, count) => free.push([first, count]));
  const domains = [...host.domains.values()].map((domain) => {
    const cached: object[] = [];
    domain.mmu.forEachTranslation((translation) => cached.push(translation));
    const { name, id, model, foreign, dirtyLog } = domain;
    return {
      name,
      id,
      memory: model.ownedFrames().map((pfn) => [pfn, model.machineFrame(pfn)]),
      places: [...model.emptyPlaces()],
      free: domain.free.copy(),
      ballooned: domain.balloon.frames,
      foreign: foreign.size,
      dirty: dirtyLog?.dirty() ?? null,
      tables: [...domain.pageTable.tablePfns],
      cached,
    };
  });
  const iommus = host.dma.iommus.map(({ tlb, queue, exposures }) => ({
    cached: [[...tlb.tag], [...tlb.prefix], [...tlb.frame], [...tlb.writable]],
    waiting: queue.ranges.map(({ page, mfns, givenOutBy }) => [page, mfns, givenOutBy?.name]),
    dueNs: queue.dueNs,
    exposed: [exposures.frames, exposures.accesses, exposures.nanoseconds, exposures.now().length],
  }));
  const devices = host.dma.devices.map(({ name, domain, context, mappings }) => ({
    name: `${name} of ${domain.name}`,
    shortages: context?.shortages,
    told: [...mappings].map(({ address, slot, pfns }) => [address, slot, pfns]),
  }));
  return { name: host.name, violations: audit(host), installed, free, domains, iommus, devices };
};
