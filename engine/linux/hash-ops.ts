import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { isWritable } from '../host/entry.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import { Region } from '../mmu/mmu.js';
import { type TableReader, type TableShape, findEntry, forEachLeaf } from './mm.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';
import { ProgramSpaces } from './program-spaces.js';
import { UNWATCHED_TABLES } from './unwatched-tables.js';

/**
 * Linux on ppc64 with 4 KiB pages and 44-bit addresses. Its tree has 9, 7, 7 and 9 bits a level; here each level has 9, so that a table is a
 * page as everywhere.
 */
export const PPC64_TABLES: TableShape = { levels: 4, entries: 512, userEntries: 512, stackTop: 2 ** 32 - 1 };

/**
 * How Linux drives ppc64 under a hypervisor that alone writes the hashed table: its own tree by plain stores, and each entry of the table
 * entered at the miss (H_ENTER), given a right at the fault that asks for it (H_PROTECT), and removed by a hypercall of its own once the
 * tree's entry is gone or has fewer rights (H_REMOVE): a fork does that page by page, and so does an exit. A switch loads segments, which
 * is the guest's own to do. Linux 2.6.16, arch/powerpc/mm/tlb_64.c and hash_utils_64.c.
 */
export const hashOps = (domain: Domain): PagingOps => {
  const { account, host, mmu, model } = domain;
  const reader: TableReader = {
    shape: PPC64_TABLES,
    tables: host.tables,
    behind: (frame) => model.frameBehindEntry(frame),
  };
  const entryOf = (root: Mfn, vpn: number): number => {
    const place = findEntry(reader, { root }, vpn);
    return place === null ? 0 : host.tables.get(place.table)![place.index];
  };
  const programs = new ProgramSpaces(domain, (root) => ({ read: (vpn) => entryOf(root, vpn) }));

  const store = ({ table, index }: EntryPlace, entry: number): void => {
    account.charge(Mechanism.pageTables, Event.pteStore);
    host.tables.get(table)![index] = entry;
    domain.writeKernel(host.frames.guestFrame(table));
  };

  return {
    ...UNWATCHED_TABLES,
    largePages: false,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,

    exiting({ root }) {
      programs.within(root, () => {
        forEachLeaf(reader, root, (vpn) => mmu.purge(Region.user, vpn, Mechanism.pageTables));
      });
      programs.leave(root);
    },

    activate(mm) {
      if (mm !== null && !programs.isLoaded(mm.root)) programs.load(mm.root);
    },

    fillFrame: () => {},

    flushPages({ root }, firstPage, pages) {
      programs.within(root, () => {
        for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) mmu.purge(Region.user, vpn, Mechanism.pageTables);
      });
    },

    flushAll(mm) {
      if (mm === null) return mmu.flush(Mechanism.pageTables);
      programs.within(mm.root, () => {
        forEachLeaf(reader, mm.root, (vpn, entry) => {
          if (!isWritable(entry)) mmu.purgeWritable?.(Region.user, vpn, Mechanism.pageTables);
        });
      });
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
