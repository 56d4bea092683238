import type { Domain } from '../domain/domain.js';
import type { Finding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import { NO_FRAME, type Pfn, asMfn, asPfn, hex } from '../host/frame-number.js';
import { entryFrame } from '../host/entry.js';
import { TableStore } from '../host/table-store.js';
import { directPage } from '../linux/kernel-space.js';
import { type RadixFormat, X86_64, pagesAt } from '../paging/format.js';
import { RadixTable } from '../paging/radix-table.js';
import { MachineTableFrames } from '../paging/table-frames.js';
import { guestMemoryOf } from '../shadow/guest-memory-of.js';
import { ShadowPool } from '../shadow/shadow-pool.js';
import { type ShadowState, checkpointShadow, disposeShadow, newShadowState } from '../shadow/shadow-state.js';
import { dropTwins, forgetFrame } from '../shadow/unshadow.js';
import { ForeignWindow } from './foreign-window.js';
import type { MemoryModel, ModelOptions } from './model.js';
import { type P2mStore, translatedModel } from './translated.js';

interface ShadowParts {
  readonly pool: ShadowPool;
  readonly tables: TableStore;
  readonly table: RadixTable;
  readonly state: ShadowState;
}

/** Guest frames above all that a guest owns. */
const WINDOW_START = 2 ** 26;
/** Frames for twins and snapshots without which one instruction of a guest may not get through (Xen, a virtual processor). */
const LEAST_FOR_TWINS = 128;

/** Tables of a p2m of single pages for guest frames 0 to `frames` − 1. */
const p2mTables = (format: RadixFormat, frames: number): number => {
  let tables = 0;
  for (let level = 1; level <= format.levels; level += 1) tables += Math.ceil(frames / pagesAt(format, level));
  return tables;
};

const makeParts = (domain: Domain, format: RadixFormat): ShadowParts => {
  const { host, account, id } = domain;
  const pool = new ShadowPool(host.hypervisor.frames('paging pool', id));
  const tables = new TableStore(host.simulation.arena);
  const memory = new MachineTableFrames(format, pool.forP2m(), tables);
  const table = new RadixTable(format, memory, memory.newTable());
  const state = newShadowState(
    host.simulation.arena,
    format,
    guestMemoryOf(domain, {
      machineFrame: (pfn) => domain.model.machineFrame(asPfn(pfn)),
      bringBack: (pfn) => domain.model.overcommit?.settle(asPfn(pfn)) === null,
      likelyPage: (pfn) => (domain.kernelMapping === null ? directPage(pfn) : pfn),
    }),
    pool,
    {
      charge: (event) => account.charge(Mechanism.translation, event),
      flushTlb: () => domain.mmu.twinsChanged?.(),
    },
  );
  return { pool, tables, table, state };
};

/**
 * VP by shadow: the guest's tables hold guest frames and are its own; the MMU walks twins of them that hold machine frames. The
 * p2m, in pages, and the twins are made from the frames that the hypervisor keeps for the domain.
 */
export const shadowModel = (domain: Domain, options: ModelOptions): MemoryModel => {
  const { host } = domain;
  const { scheme } = host.simulation.platform;
  const format = scheme.kind === 'radix' ? scheme.format : X86_64;
  let parts: ShadowParts | null = null;
  const made = (): ShadowParts => (parts ??= makeParts(domain, format));

  const p2m: P2mStore = {
    get(pfn) {
      const entry = parts === null ? 0 : parts.table.leafEntry(pfn);
      return asMfn(entry === 0 ? NO_FRAME : entryFrame(entry));
    },
    set(pfn, mfn) {
      const { table, state } = made();
      const before = p2m.get(pfn);
      if (before !== NO_FRAME) forgetFrame(state, before);
      if (mfn === NO_FRAME) table.unmap(pfn, 0);
      else if (!table.map(pfn, mfn, 0, true)) throw new Error(`the pool of ${domain.name} has no frame for its p2m`);
    },
    mapped(isOwned) {
      const found: Pfn[] = [];
      parts?.table.forEachLeaf((pfn, _level, entry) => {
        if (isOwned(asMfn(entryFrame(entry)), asPfn(pfn))) found.push(asPfn(pfn));
      });
      return found;
    },
  };

  const give = (pfn: Pfn): 'heap-has-room' | null => {
    const mfn = host.allocate(domain, 0);
    if (mfn === NO_FRAME) return 'heap-has-room';
    p2m.set(pfn, mfn);
    host.frames.setGuestFrame(mfn, pfn);
    return null;
  };

  const window = new ForeignWindow(Math.min(WINDOW_START, 2 ** (format.levels * format.indexBits - 1)));
  const translated = translatedModel({
    id: 'shadow',
    domain,
    p2m,
    window,
    give,
    exposed: options.exposedP2m === true,
    flips: false,
    overcommits: { 'populate on demand': 'exists' },
  });

  const drop = (): void => {
    if (parts !== null) dropTwins(parts.state);
  };

  const refusesPages = (guestFrames: number): Finding | null => {
    const needed = p2mTables(format, guestFrames) + LEAST_FOR_TWINS;
    const pages = host.hypervisor.pages('paging pool', domain.id);
    if (pages >= needed) return null;
    const detail = `${domain.name} has ${pages} frames for its p2m and twins, and needs ${needed}`;
    return { operation: 'build', model: 'shadow', rule: 'pool-has-room', detail };
  };

  const populateFrames = (pfns: readonly Pfn[]): Finding | null =>
    refusesPages((pfns.at(-1) ?? 0) + 1) ?? translated.populateFrames(pfns);

  return {
    ...translated,
    refusesPages,
    populate: (pages) => populateFrames(Array.from({ length: pages }, (_, pfn) => asPfn(pfn))),
    populateFrames,

    get shadow() {
      return parts?.state;
    },

    checkInsert(frame) {
      domain.account.charge(Mechanism.translation, Event.p2mLookup);
      const refusal = translated.overcommit.settle(asPfn(frame));
      if (refusal !== null) return refusal;
      const mfn = translated.machineFrame(asPfn(frame));
      if (mfn !== NO_FRAME) return { mfn, log2Pages: 0 };
      const detail = `guest frame ${hex(frame)} has no machine frame`;
      return { operation: 'insert', model: 'shadow', rule: 'in-the-p2m', detail };
    },

    dirtyLogging: {
      begin: drop,
      harvest: drop,
      end: drop,
    },

    unmapForeign(frames, writable, way) {
      for (const frame of frames) {
        const mfn = window.machineFrame(frame);
        if (mfn !== NO_FRAME) forgetFrame(made().state, mfn);
      }
      translated.unmapForeign(frames, writable, way);
    },

    checkpoint(archive) {
      archive.part('window', window);
      translated.checkpoint(archive);
      if (!archive.value('populated', parts !== null)) return;
      const { pool, tables, table, state } = made();
      archive.part('pool', pool);
      archive.part('tables', tables);
      archive.part('table', table);
      checkpointShadow(archive, state);
    },

    dispose() {
      translated.dispose();
      if (parts === null) return;
      disposeShadow(parts.state);
      parts.table.release();
    },
  };
};
