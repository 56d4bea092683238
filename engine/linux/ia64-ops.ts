import type { AddressSpace } from '../domain/address-spaces.js';
import type { Domain } from '../domain/domain.js';
import { isFinding } from '../finding.js';
import { Event, Mechanism } from '../host/events.js';
import type { Mfn } from '../host/frame-number.js';
import { type TableReader, type TableShape, findEntry } from './mm.js';
import { Region } from '../mmu/mmu.js';
import type { EntryPlace, PagingOps } from './paging-ops.js';

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
  const { account, host, mmu, spaces } = domain;
  const reader: TableReader = {
    shape: IA64_TABLES,
    tables: host.tables,
    behind: (frame) => domain.model.frameBehindEntry(frame),
  };
  /** Tags by the root of an address space. */
  const tags = new Map<Mfn, number>();
  let loaded: Mfn | null = null;

  const store = ({ table, index }: EntryPlace, entry: number): void => {
    account.charge(Mechanism.pageTables, Event.pteStore);
    host.tables.get(table)![index] = entry;
    domain.writeKernel(host.frames.guestFrame(table));
  };

  const entryOf = (root: Mfn, vpn: number): number => {
    const place = findEntry(reader, { root }, vpn);
    return place === null ? 0 : host.tables.get(place.table)![place.index];
  };

  const spaceAt = (root: Mfn): AddressSpace => ({ read: (vpn) => entryOf(root, vpn) });

  const newTag = (root: Mfn): number => {
    const space = spaceAt(root);
    let tag = spaces.enter(space);
    if (tag === null) {
      mmu.flush(Mechanism.pageTables);
      spaces.restart();
      tags.clear();
      tag = spaces.enter(space)!;
    }
    tags.set(root, tag);
    return tag;
  };

  const load = (root: Mfn): void => {
    loaded = root;
    spaces.loaded = tags.get(root) ?? newTag(root);
    account.charge(Mechanism.pageTables, Event.regionRegisterSet, USER_REGIONS);
  };

  const forget = (root: Mfn): void => {
    const tag = tags.get(root);
    if (tag !== undefined) spaces.leave(tag);
    tags.delete(root);
  };

  return {
    largePages: false,
    setLeaf: store,
    setBranch: (_mm, place, entry) => store(place, entry),
    exchangeLeaf: store,
    tableAdded: () => {},
    tableRemoved: () => {},
    enterLazy: () => {},
    leaveLazy: () => {},
    rootAdded: () => {},
    entered: () => {},
    exited: () => {},

    exiting({ root }) {
      forget(root);
      if (loaded === root) loaded = null;
    },

    activate(mm) {
      if (mm !== null && mm.root !== loaded) load(mm.root);
    },

    mapKernelPage: () => {},
    fillFrame: () => {},

    flushPages({ root }, firstPage, pages) {
      if (root !== loaded) return forget(root);
      for (let vpn = firstPage; vpn < firstPage + pages; vpn += 1) mmu.purge(Region.user, vpn, Mechanism.pageTables);
    },

    flushAll(mm) {
      if (mm === null) return mmu.flush(Mechanism.pageTables);
      forget(mm.root);
      if (mm.root === loaded) load(mm.root);
    },

    reaches(mm, vpn, write) {
      if (mm.root !== loaded) throw new Error(`a program of ${domain.name} that is not loaded touches its memory`);
      return !isFinding(mmu.access(Region.user, vpn, write));
    },

    faultDelivered: () => account.charge(Mechanism.pageTables, Event.faultReflection),
    returnToUser: () => {},

    checkpoint(archive) {
      archive.map('tags', tags);
      loaded = archive.value('loaded', loaded);
      if (archive.reading) for (const [root, tag] of tags) spaces.enterAgain(tag, spaceAt(root));
    },
  };
};
