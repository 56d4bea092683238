import type { AddressSpace } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { entryFrame, isLeaf, leafFlags, packEntry } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import { Region } from '../mmu/mmu.js';
import { type TableReader, type TableShape, X86_64_TABLES, findEntry } from './mm.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { ProgramSpaces } from './program-spaces.js';
import { SINGLE_FLUSH_CEILING } from './tlb-gather.js';
import { UNWATCHED_TABLES } from './unwatched-tables.js';

/** Address spaces that Linux on x86 has tags for at the same time on one processor (TLB_NR_DYN_ASIDS). */
const X86_SPACES = 6;

/**
 * How Linux drives an MMU that walks its tables by itself, and under a hypervisor that does not look into them: plain stores through the
 * kernel's own mapping, and flushes of pages, or of an address space by a new tag, that nobody else hears of.
 */
export const walkedOps = (domain: Domain, shape: TableShape = X86_64_TABLES): PagingOps => {
  const { account, host, mmu, model } = domain;
  const { scheme } = host.simulation.platform;
  /** Arm64 flushes pages one by one up to as many as a table has entries (MAX_TLBI_OPS), without instructions for ranges. */
  const broadcasts = scheme.kind === 'radix' && scheme.broadcastsFlushes;
  const mostPages = broadcasts ? shape.entries - 1 : SINGLE_FLUSH_CEILING;
  const reader: TableReader = {
    shape,
    tables: host.tables,
    behind: (frame) => model.frameBehindEntry(frame),
  };
  const entryOf = (root: Mfn, vpn: number): number => {
    const place = findEntry(reader, { root }, vpn);
    if (place !== null) return host.tables.get(place.table)![place.index];
    const above = findEntry(reader, { root }, vpn, 2);
    const large = above === null ? 0 : host.tables.get(above.table)![above.index];
    if (!isLeaf(large, 1)) return 0;
    return packEntry(entryFrame(large) + (vpn % shape.entries), leafFlags(large));
  };
  const spaceAt = (root: Mfn): AddressSpace => ({
    get rootFrame() {
      return model.tablesHoldMachineFrames ? root : host.frames.guestFrame(root);
    },
    read: (vpn) => entryOf(root, vpn),
  });
  const programs = new ProgramSpaces(domain, spaceAt, broadcasts ? Infinity : X86_SPACES);

  const store = ({ table, index }: EntryPlace, entry: number): void => {
    account.charge(Mechanism.pageTables, Event.pteStore);
    const pfn = host.frames.guestFrame(table);
    if (mmu.storeEntry === undefined) {
      host.tables.get(table)![index] = entry;
      domain.writeKernel(pfn);
    } else {
      mmu.storeEntry(pfn, index, entry);
      domain.writtenFor(pfn);
    }
  };

  const flushSpace = (root: Mfn): void => {
    programs.forget(root);
    if (!programs.isLoaded(root)) return;
    programs.load(root);
    account.charge(Mechanism.pageTables, Event.spaceFlush);
  };

  return {
    ...UNWATCHED_TABLES,
    largePages: true,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,
    exiting: ({ root }) => programs.leave(root),

    activate(mm) {
      if (mm !== null && !programs.isLoaded(mm.root)) programs.load(mm.root);
    },

    fillFrame: (mfn) => void mmu.access(Region.kernel, host.frames.guestFrame(mfn), true),

    flushPages({ root }, firstPage, pages) {
      if (!programs.isLoaded(root) || pages > mostPages) return flushSpace(root);
      for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) mmu.purge(Region.user, vpn, Mechanism.pageTables);
    },

    flushAll(mm) {
      if (mm === null) mmu.flush(Mechanism.pageTables);
      else flushSpace(mm.root);
    },

    reaches(mm, vpn, write) {
      if (!programs.isLoaded(mm.root))
        throw new Error(`a program of ${domain.name} that is not loaded touches its memory`);
      return !isFinding(mmu.access(Region.user, vpn, write));
    },

    faultDelivered: () => account.charge(Mechanism.pageTables, Event.guestPageFault),
    follow: (moved) => programs.follow(moved),
    checkpoint: (archive) => archive.part('programs', programs),
  };
};
