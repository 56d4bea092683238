import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import { type TableReader, type TableShape, findEntry } from './mm.js';
import { Region } from '../mmu/mmu.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { ProgramSpaces } from './program-spaces.js';
import { UNWATCHED_TABLES } from './unwatched-tables.js';

/** Linux on ia64 with 16 KiB pages: three levels, of which the highest has the region in its upper bits. */
export const IA64_TABLES: TableShape = { levels: 3, entries: 2048, userEntries: 2048, stackTop: 2 ** 32 - 1 };

/** Region registers of a program: 0 to 4 (Linux, arch/ia64, reload_context). */
const USER_REGIONS = 5;

/**
 * How Linux drives ia64: plain stores through the kernel's identity mapping, and a purge of each page of a range that the
 * loaded program may have inserted. An address space is its region ids; to flush all of one it takes new ones, and to
 * switch it loads the region registers, which is privileged and traps.
 */
export const ia64Ops = (domain: Domain): PagingOps => {
  const { account, host, mmu } = domain;
  const reader: TableReader = {
    shape: IA64_TABLES,
    tables: host.tables,
    behind: (frame) => domain.model.frameBehindEntry(frame),
  };
  const store = ({ table, index }: EntryPlace, entry: number): void => {
    account.charge(Mechanism.pageTables, Event.pteStore);
    host.tables.get(table)![index] = entry;
    domain.writeKernel(host.frames.guestFrame(table));
  };

  const entryOf = (root: Mfn, vpn: number): number => {
    const place = findEntry(reader, { root }, vpn);
    return place === null ? 0 : host.tables.get(place.table)![place.index];
  };

  const programs = new ProgramSpaces(domain, (root) => ({ read: (vpn) => entryOf(root, vpn) }));

  const load = (root: Mfn): void => {
    programs.load(root);
    account.charge(Mechanism.pageTables, Event.regionRegisterSet, USER_REGIONS);
  };

  return {
    ...UNWATCHED_TABLES,
    largePages: false,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,

    exiting: ({ root }) => programs.leave(root),

    activate(mm) {
      if (mm !== null && !programs.isLoaded(mm.root)) load(mm.root);
    },

    fillFrame: () => {},

    flushPages({ root }, firstPage, pages) {
      if (!programs.isLoaded(root)) return programs.forget(root);
      for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) mmu.purge(Region.user, vpn, Mechanism.pageTables);
    },

    flushAll(mm) {
      if (mm === null) return mmu.flush(Mechanism.pageTables);
      programs.forget(mm.root);
      if (programs.isLoaded(mm.root)) load(mm.root);
    },

    reaches(mm, vpn, write) {
      if (!programs.isLoaded(mm.root))
        throw new Error(`a program of ${domain.name} that is not loaded touches its memory`);
      return !isFinding(mmu.access(Region.user, vpn, write));
    },

    faultDelivered: () => account.charge(Mechanism.pageTables, Event.faultReflection),

    follow: (moved) => programs.follow(moved),
    checkpoint: (archive) => archive.part('programs', programs),
  };
};
